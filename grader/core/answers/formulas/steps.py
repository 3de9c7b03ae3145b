"""Derivatives in between, ∂x̂_i/∂σ², that an answer uses in one place and works out in another."""

from __future__ import annotations

from collections.abc import Sequence

from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.equations import Chain
from grader.core.answers.formulas.judge import Link, judge_trees
from grader.core.answers.formulas.parser import parse
from grader.core.answers.formulas.symbols import Table
from grader.core.answers.formulas.tree import Derivative, Node, Unreadable, nodes, put, renamed, walk


class Steps:
    def __init__(self, declared: Formulas, found: Sequence[Chain], table: Table) -> None:
        self._output = declared.differentiated
        self._known: dict[tuple[str, str], tuple[str | None, Node]] = {}
        for chain in found:
            left = chain.left
            if isinstance(left, Derivative) and left.of.name != self._output and chain.links:
                index, tree = _index(left), self._last(chain, table)
                if tree is not None and index != "":
                    self._known[left.of.name, left.wrt.name] = (index, tree)

    def _last(self, chain: Chain, table: Table) -> Node | None:
        """The last side that can be read and holds no derivative in between."""
        for link in reversed(chain.links):
            try:
                tree = parse(link, table)
            except Unreadable:
                continue
            return None if self._between(tree) else tree
        return None

    def _between(self, tree: Node) -> list[Derivative]:
        return [node for node in nodes(tree) if isinstance(node, Derivative) and node.of.name != self._output]

    def worked_out(self, link: Link) -> Link:
        """`link`, a right side with derivatives in between, with what the answer says that they are; itself where that is not
        said or does not give the same.
        """
        assert link.tree is not None and link.question is not None
        tree = link.tree
        for path, node in list(walk(tree)):
            if not isinstance(node, Derivative) or node.of.name == self._output:
                continue
            index, worked = self._known.get((node.of.name, node.wrt.name), ("", node))
            here = _index(node)
            if index == "" or here == "" or (index is None) != (here is None):
                return link
            tree = put(tree, path, renamed(worked, index, here) if index else worked)
        found = judge_trees([tree], link.question)
        return found if found.status == "right" else link


def _index(node: Derivative) -> str | None:
    """The one index letter of a derivative; None without, "" for several."""
    letters = {*node.of.indices, *node.wrt.indices}
    return next(iter(letters), None) if len(letters) < 2 else ""
