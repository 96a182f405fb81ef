# LangGraph: a graph with a loop and a memory. A draft is written, judged, and written again, for as long as its budget lasts.
# Run it: iron_cage start examples/langgraph_review.py

from typing import TypedDict

from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from iron_cage import AgentRuntime

MOST_ROUNDS = 3


class State(TypedDict):
    subject: str
    draft: str
    stars: int
    rounds: int


def ask(model: str, question: str, most: int) -> str:
    return ChatOpenAI(model=model, max_completion_tokens=most).invoke(question).text


def write(state: State) -> dict[str, object]:
    draft = ask("gpt-4o", f"Outline a page about {state['subject']}, version {state['rounds'] + 1}.", 200)
    return {"draft": draft, "rounds": state["rounds"] + 1}


def judge(state: State) -> dict[str, object]:
    stars = ask("gpt-4o-mini", f"Rate this draft on a scale from 1 to 5, one number:\n{state['draft']}", 3)
    print(f"Round {state['rounds']}: {stars} stars")
    return {"stars": int(stars) if stars.isdecimal() else 1}


def is_done(state: State) -> bool:
    return state["stars"] >= 5 or state["rounds"] >= MOST_ROUNDS


def main() -> None:
    graph = StateGraph(State)
    graph.add_node("write", write)
    graph.add_node("judge", judge)
    graph.add_edge(START, "write")
    graph.add_edge("write", "judge")
    graph.add_conditional_edges("judge", is_done, {True: END, False: "write"})
    review = graph.compile(checkpointer=InMemorySaver())

    config: RunnableConfig = {"configurable": {"thread_id": "workshops"}}
    with AgentRuntime(budget=0.25, name="review") as runtime:
        for update in review.stream({"subject": "repair cafés", "draft": "", "stars": 0, "rounds": 0}, config, stream_mode="updates"):
            print("  done:", ", ".join(update))
        print(f"${runtime.spent:.6f} of ${runtime.limit:.2f}")
    print(review.get_state(config).values["draft"])


if __name__ == "__main__":
    main()
