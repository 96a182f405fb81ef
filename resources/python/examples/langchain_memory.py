# LangChain: memory. Each guest has a conversation of their own, and the model is told what was said in it before.
# Run it: iron_cage start examples/langchain_memory.py

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver

from iron_cage import AgentRuntime

CONVERSATION = [
    ("room 12", "Hello, I would like to see the old town."),
    ("room 14", "Is breakfast served at seven? Answer yes or no."),
    ("room 12", "Outline a walk there and back."),
]


def conversation_with(guest: str) -> RunnableConfig:
    return {"configurable": {"thread_id": guest}}


def main() -> None:
    with AgentRuntime(budget=0.10, name="concierge") as runtime:
        model = ChatOpenAI(model="gpt-4o-mini", max_completion_tokens=80)
        concierge = create_agent(model, system_prompt="You are the concierge of a small hotel.", checkpointer=InMemorySaver())
        for guest, question in CONVERSATION:
            before = runtime.spent
            state = concierge.invoke({"messages": [HumanMessage(question)]}, conversation_with(guest))
            print(f"{guest}: {question}\n  {state['messages'][-1].text.splitlines()[0]}  (${runtime.spent - before:.6f})")

    for guest in ("room 12", "room 14"):
        remembered = concierge.get_state(conversation_with(guest)).values["messages"]
        print(f"{guest}: {len(remembered)} messages are remembered")


if __name__ == "__main__":
    main()
