"""Commands of a program, listed as they are needed."""

from __future__ import annotations

from click import Context, Group


class InOrder(Group):
    """Lists its commands in the order in which they were added, not by the alphabet."""

    def list_commands(self, ctx: Context) -> list[str]:
        return sorted(super().list_commands(ctx), key=[*self.commands].index)
