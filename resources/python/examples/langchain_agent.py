# LangChain: an agent that decides by itself which tools to use, with a model of Anthropic behind it.
# Run it: iron_cage start examples/langchain_agent.py

from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool

from iron_cage import protect_agent


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"{city}: 17 degrees and overcast"


@tool
def find_train(city: str) -> str:
    """The next train to a city."""
    return f"The next train to {city} leaves at 14:07 from platform 3"


@protect_agent(budget=0.25)
def plan_trip(wish: str) -> str:
    model = ChatAnthropic(model_name="claude-haiku-4-5", max_tokens_to_sample=300, timeout=30, stop=None)
    agent = create_agent(model, [get_weather, find_train], system_prompt="You plan short trips.")
    state = agent.invoke({"messages": [HumanMessage(wish)]})
    for message in state["messages"]:
        if isinstance(message, ToolMessage):
            print(f"{message.name} said: {message.text}")
    return str(state["messages"][-1].text)


print(plan_trip("What is the weather in Oslo, and which train is next?"))
