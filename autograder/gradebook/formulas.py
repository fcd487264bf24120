r"""TeX in a student's Markdown: $x^2$, $$x^2$$ and \begin{...} ... \end{...}.

MathJax knows commands that make links, styles and macros (\href, \style, \def), and later versions
know more. A formula is given to it if all its commands are among those below, which only draw;
any other is shown as it was typed.
"""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

OPENING = re.compile(r"\$\$?|\\begin\{(?P<name>[A-Za-z]{1,20}\*?)\}")
COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
MAX_LINES = 30  # of a formula that stands alone
FRAME = '<span class="tex2jax_process mathjax_process">{}</span>'

NAMES = r"""
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi
pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
frac dfrac tfrac cfrac sqrt binom sum prod coprod int iint iiint oint bigcup bigcap limits
nolimits sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg min max
inf sup lim limsup liminf arg det dim ker deg gcd Pr hom operatorname bmod pmod mod
pm mp times div cdot cdots ldots dots vdots ddots dotsc dotsb ast star circ bullet oplus ominus
otimes odot oslash wedge vee cap cup setminus land lor lnot neg
le leq ge geq ne neq lt gt ll gg leqslant geqslant equiv sim simeq approx cong propto doteq prec
succ in notin ni subset subseteq supset supseteq subsetneq mid nmid parallel perp models not
forall exists nexists emptyset varnothing infty partial nabla ell hbar Re Im aleph prime angle
triangle square Box blacksquare therefore because top bot vdash dagger
to gets mapsto leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow implies
iff longrightarrow longleftarrow Longrightarrow Longleftrightarrow uparrow downarrow
hookrightarrow xrightarrow xleftarrow
left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr
langle rangle lfloor rfloor lceil rceil lbrace rbrace lbrack rbrack lvert rvert lVert rVert
vert Vert backslash
hat widehat bar overline underline tilde widetilde vec dot ddot acute grave breve check
overrightarrow overleftarrow overbrace underbrace overset underset stackrel substack boxed
phantom cancel
mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak mathscr boldsymbol text textbf
textit textrm texttt mbox displaystyle textstyle scriptstyle rm bf it
quad qquad begin end hline cr nonumber notag
"""
COMMANDS = frozenset(NAMES.split())


def enable(markdown: MarkdownIt) -> None:
    """Have `markdown` find formulas; they become HTML of ours, which it renders as it is."""
    markdown.inline.ruler.before("escape", "formula", in_line)
    interrupts = ["paragraph", "blockquote", "list"]
    markdown.block.ruler.before("fence", "formula", alone, {"alt": interrupts})


def in_line(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for a formula within a paragraph."""
    end = end_of(state.src, state.pos)
    if not end:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = shown(state.src[state.pos : end])
    state.pos = end
    return True


def alone(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """markdown-it's rule for a formula on lines of its own, where + and - don't make lists."""
    if not line_of(state, start).startswith(("$$", "\\begin{")) or state.is_code_block(start):
        return False
    lines: list[str] = []
    for number in range(start, min(end, start + MAX_LINES)):
        if state.isEmpty(number) or state.sCount[number] < state.blkIndent:
            break
        lines.append(line_of(state, number))
    text = "\n".join(lines)
    length = end_of(text, 0)
    if not length or text[length:].partition("\n")[0]:  # text behind it: a paragraph's
        return False
    if not silent:
        state.push("html_block", "", 0).content = f"<p>{shown(text[:length])}</p>\n"
        state.line = start + text[:length].count("\n") + 1
    return True


def line_of(state: StateBlock, number: int) -> str:
    """A line without its indentation and what marks it as part of a quote or list."""
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def end_of(text: str, start: int) -> int:
    """Where the formula ends that begins at `start`; 0 if none does."""
    opening = OPENING.match(text, start)
    if not opening:
        return 0
    name = opening["name"]
    closing = f"\\end{{{name}}}" if name else opening[0]
    end = text.find(closing, opening.end())
    while end > 0 and not name and text[end - 1] == "\\":  # \$ is a dollar
        end = text.find(closing, end + 1)
    return end + len(closing) if end > opening.end() else 0


def drawable(formula: str) -> bool:
    """Whether all commands are known ones, or marks such as \\\\ and \\{."""
    commands = COMMAND.findall(formula)
    return all(one in COMMANDS or not one[0].isalpha() for one in commands)


def shown(formula: str) -> str:
    """A formula for MathJax, or as it was typed."""
    return (FRAME if drawable(formula) else "<code>{}</code>").format(escape(formula))
