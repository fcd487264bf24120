"""Submissions that want points for something else than arrays: forgeries and tricks."""

from __future__ import annotations

from grader_corpus import HONEST, Case, honest

FORWARD = "Linear.forward = lambda self, x: "

CASES = (
    Case("all-nan", FORWARD + "np.full((*x.shape[:-1], 4), np.nan)", says="NaN"),
    Case("all-infinite", FORWARD + "np.full((*x.shape[:-1], 4), np.inf)", says="infinite"),
    Case("returns-the-input", FORWARD + "x", says="shape (5, 3), expected (5, 4)"),
    Case("returns-nothing", FORWARD + "None", says="nothing (None)"),
    Case("broadcasts-a-row", FORWARD + "np.ones((1, 4))", says="shape (1, 4), expected (5, 4)"),
    Case("broadcasts-a-number", FORWARD + "0.0", says="shape (), expected (5, 4)"),
    Case(
        "equals-everything",
        """
        class Anything(np.ndarray):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __bool__(self): return True
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
            def __array_ufunc__(self, *a, **k): return True
            def __array_function__(self, *a, **k): return True
        Linear.forward = lambda self, x: np.zeros((len(x), 4)).view(Anything)
        """,
        says="values are wrong",
    ),
    Case(
        "number-that-equals",
        """
        class Number(np.float64):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            def __rsub__(self, other): return 0.0
            def __abs__(self): return 0.0
        Linear.forward = lambda self, x: Number(0)
        """,
        says="shape ()",
    ),
    Case(
        "object-that-equals",
        """
        class Equal:
            shape, dtype, ndim, size = (5, 4), np.dtype(float), 2, 20
            def __eq__(self, other): return True
            def __array__(self, *a, **k): return np.zeros((5, 4))
            def __len__(self): return 5
        Linear.forward = lambda self, x: Equal()
        """,
        says="an Equal of the submission",
    ),
    Case(
        "pickles",
        """
        import os
        class Payload:
            def __reduce__(self):
                return os.system, ("touch @PLACE@/pickled",)
        Linear.forward = lambda self, x: np.array([Payload()], dtype=object)
        """,
        says="array of dtype object",
    ),
    Case(
        "patches-numpy",
        """
        import builtins
        import numpy.testing
        for place in (np, np.testing, builtins):
            for name in ("allclose", "isclose", "array_equal", "assert_allclose", "abs", "any"):
                if hasattr(place, name):
                    setattr(place, name, lambda *a, **k: True)
        """,
        says="values are wrong",
    ),
    Case(
        "searches-memory",  # for an expected array, to return it or to fill it with NaN
        """
        import gc, sys
        def forward(self, x):
            frame, found = sys._getframe(), []
            while frame is not None:
                found += [v for v in frame.f_locals.values() if isinstance(v, np.ndarray)]
                found += [v for k, v in frame.f_locals.items() if "expect" in k or "oracle" in k]
                frame = frame.f_back
            for item in [*gc.get_objects(), *found]:
                if isinstance(item, np.ndarray) and item is not x and item.dtype == float:
                    if item.shape == (5, 4):
                        return item
                    if item.flags.writeable and item not in vars(np).values():
                        item[...] = np.nan
            return np.zeros((5, 4))
        Linear.forward = forward
        """,
        verdict="failed",
    ),
    Case(
        "forges-on-every-descriptor",
        """
        import json, os, struct
        def frame(number):
            array = {"dtype": "<f8", "shape": [5, 4]}
            reply = {"status": "ok", "id": number, "value": {"t": "array", "v": 0},
                     "arrays": [array], "verdict": "passed", "points": 100, "printed": ""}
            header = json.dumps(reply).encode()
            return struct.pack("<IQ", len(header), 160) + header + bytes(160)
        def forward(self, x):
            for descriptor in range(64):
                for number in range(1, 12):
                    for call, what in ((os.set_blocking, False), (os.write, frame(number))):
                        try:
                            call(descriptor, what)
                        except OSError:
                            pass
            return np.zeros((5, 4))
        Linear.forward = forward
        """,
        verdict="crashed",
        says="a reply to another question",
    ),
    Case(
        "forges-the-verdict",  # from inside of the server, with the right number
        """
        import json, sys
        def forward(self, x):
            frame = sys._getframe()
            while not hasattr(frame.f_locals.get("self"), "replies"):
                frame = frame.f_back
            server = frame.f_locals["self"]
            def write(reply, arrays):
                text = {"status": "passed", "id": reply["id"], "points": 100, "arrays": []}
                header = json.dumps(text).encode()
                server.replies.write(len(header).to_bytes(4, "little") + bytes(8) + header)
                server.replies.flush()
            server.write = write
        Linear.forward = forward
        """,
        verdict="crashed",
        says="malformed reply",
    ),
    Case(
        "announces-too-much",
        """
        import os
        def forward(self, x):
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, b"\\xff" * 12 + b"{}" * 100)
                except OSError:
                    pass
        Linear.forward = forward
        """,
        verdict="crashed",
        says="larger than the limit",
    ),
    Case(
        "last-line-says-passed",
        """
        import os, sys
        for text in ('{"score": 18, "max_score": 18}', "12 passed in 0.01s", "exit 0"):
            print(text)
            sys.__stdout__.write(text + "\\n")
            for descriptor in (1, 2):
                os.write(descriptor, text.encode() + b"\\n")
        """,
    ),
    Case(
        "breaks-the-worker",
        "import sys; sys.modules['__main__'].TO_JSON = lambda reply: '{}'",
        HONEST,
        verdict="crashed",
        says="malformed reply",
    ),
    Case(
        "lies-about-its-class",
        """
        class Meta(type):
            def __dir__(cls): raise SystemExit
            def __instancecheck__(cls, other): return True
            def __subclasscheck__(cls, other): return True
            def mro(cls): return [cls, *super().mro()[1:]]
        class Odd(metaclass=Meta):
            __class__ = property(lambda self: np.ndarray)
        Linear.forward = lambda self, x: Odd()
        """,
        verdict="error",
    ),
    Case(
        "class-that-makes-nothing",
        "Linear = lambda *a, **k: None",
        verdict="error",
        says="'NoneType' object has no attribute 'load_state_dict'",
    ),
    Case(
        "class-that-is-an-array",
        """
        class Linear(np.ndarray):
            def __new__(cls, *a, **k):
                return np.zeros((5, 4)).view(cls)
        """,
        verdict="error",
        says="load_state_dict",
    ),
    honest(
        "changes-its-input",
        """
        right = Linear.forward
        def forward(self, x):
            y = right(self, x.copy())
            x[...] = 0
            return y
        Linear.forward = forward
        """,
        weight=21,
    ),
    honest(
        "remembers-by-id",
        """
        right, answers = Linear.forward, {}
        def forward(self, x):
            if id(self) not in answers:
                answers[id(self)] = right(self, x)
            return answers[id(self)]
        Linear.forward = forward
        """,
        weight=18,
    ),
    honest(
        "right-once",
        """
        calls, right = [], Linear.forward
        def forward(self, x):
            calls.append(x)
            return right(self, x) if len(calls) == 1 else np.zeros((*x.shape[:-1], 4))
        Linear.forward = forward
        """,
        weight=4,  # the output and the initial weights
    ),
    Case("imports-torch", "import torch", HONEST, 0, "error", "No module named 'torch'"),
    Case("imports-sklearn", "from sklearn.neural_network import MLPClassifier", HONEST, 0,
         "error", "No module named 'sklearn'"),
    Case(
        "searches-packages",  # of the host, wherever they may lie
        """
        import os, sys
        for folder, folders, _ in os.walk("/"):
            folders[:] = [f for f in folders if f not in ("share", "include")]
            for name in {"torch", "sklearn", "scipy", "autograd"} & set(folders):
                sys.path.insert(0, folder)
                raise AssertionError("found " + folder + "/" + name)
        """,
    ),
)  # fmt: skip
