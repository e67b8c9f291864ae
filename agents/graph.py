"""The answer graph: retrieve, judge enough or abstain, select, verify, save."""

from functools import cache
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.context import AnswerContext
from agents.nodes.abstain import abstain
from agents.nodes.judge import judge
from agents.nodes.retrieve import retrieve
from agents.nodes.save import save
from agents.nodes.select import select
from agents.nodes.verify import verify
from agents.nodes.write import write
from agents.routing import after_judge, after_retrieve, after_start, after_verify
from agents.state import AnswerState
from agents.steps import as_step

AnswerGraph = CompiledStateGraph[AnswerState, AnswerContext, Any, Any]

NODES = {
    "retrieve": retrieve,
    "judge": judge,
    "select": select,
    "verify": verify,
    "write": write,
    "abstain": abstain,
    "save": save,
}


@cache
def build_graph() -> AnswerGraph:
    """Build and compile the graph; it holds no state, so one serves all answers."""
    graph = StateGraph(AnswerState, context_schema=AnswerContext)
    for name, node in NODES.items():
        graph.add_node(name, as_step(name, node))
    graph.add_conditional_edges(START, after_start)
    graph.add_conditional_edges("retrieve", after_retrieve)
    graph.add_conditional_edges("judge", after_judge)
    graph.add_edge("select", "verify")
    graph.add_conditional_edges("verify", after_verify)
    graph.add_edge("write", "save")
    graph.add_edge("abstain", "save")
    graph.add_edge("save", END)
    return graph.compile()
