"""The answer graph: look until the evidence suffices, or abstain; answer from it; verify, check, save."""

from collections.abc import Callable
from functools import cache
from typing import Any, get_args, get_type_hints

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents import routing
from agents.context import AnswerContext
from agents.nodes.abstain import abstain
from agents.nodes.attribute import attribute_text
from agents.nodes.check import check
from agents.nodes.compose import compose
from agents.nodes.divergent_thinking import divergent_thinking
from agents.nodes.link import link
from agents.nodes.query_refinement import query_refinement
from agents.nodes.refine import refine
from agents.nodes.relevance_judgement import relevance_judgement
from agents.nodes.retrieval import retrieval
from agents.nodes.save import save
from agents.nodes.select import select
from agents.nodes.sentence_ranking import sentence_ranking
from agents.nodes.sufficiency import sufficiency
from agents.nodes.survey import survey
from agents.nodes.verify import verify
from agents.nodes.write import write
from agents.state import AnswerState
from agents.steps import as_step

AnswerGraph = CompiledStateGraph[AnswerState, AnswerContext, Any, Any]

NODES = {
    "query_refinement": query_refinement,
    "divergent_thinking": divergent_thinking,
    "retrieval": retrieval,
    "sentence_ranking": sentence_ranking,
    "relevance_judgement": relevance_judgement,
    "sufficiency": sufficiency,
    "survey": survey,
    "select": select,
    "compose": compose,
    "refine": refine,
    "attribute": attribute_text,
    "verify": verify,
    "link": link,
    "check": check,
    "write": write,
    "abstain": abstain,
    "save": save,
}


_EVIDENCE = (
    "query_refinement",
    "divergent_thinking",
    "retrieval",
    "sentence_ranking",
    "relevance_judgement",
    "sufficiency",
)
"""Nodes that look for evidence and write nothing."""


@cache
def build_graph(*, is_answering: bool = True) -> AnswerGraph:
    """Build and compile the graph; it holds no state, so one serves all answers.

    Without ``is_answering`` it ends where it would answer, abstain or be stopped.
    """
    graph = StateGraph(AnswerState, context_schema=AnswerContext)
    for name in NODES if is_answering else _EVIDENCE:
        graph.add_node(name, as_step(name, NODES[name]))
    ends = {} if is_answering else {name: END for name in NODES if name not in _EVIDENCE}

    def branch(source: str, route: Callable[..., str]) -> None:
        targets = get_args(get_type_hints(route)["return"])
        graph.add_conditional_edges(source, route, {name: ends.get(name, name) for name in targets})

    branch(START, routing.after_start)
    branch("query_refinement", routing.after_refinement)
    branch("divergent_thinking", routing.after_divergence)
    branch("retrieval", routing.after_retrieval)
    branch("sentence_ranking", routing.after_ranking)
    branch("relevance_judgement", routing.after_judgement)
    branch("sufficiency", routing.after_sufficiency)
    if is_answering:
        branch("survey", routing.after_survey)
        graph.add_edge("select", "verify")
        branch("verify", routing.after_verify)
        graph.add_edge("link", "check")
        graph.add_edge("compose", "attribute")
        graph.add_edge("refine", "attribute")
        graph.add_edge("attribute", "check")
        branch("check", routing.after_check)
        graph.add_edge("write", "save")
        graph.add_edge("abstain", "save")
        graph.add_edge("save", END)
    return graph.compile()
