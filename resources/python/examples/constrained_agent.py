# In AutoGPT's pattern, without AutoGPT: constraints that the loop cannot talk itself out of, for they stand outside of it.
# Run it: iron_cage start examples/constrained_agent.py --allow-tool read_page --unauthorised refuse

import json
from collections.abc import Callable
from itertools import count

from openai import OpenAI
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

import iron_cage
from iron_cage import BudgetExceeded, NotAllowed, protect_agent, tool

# Such lines are a request to the model. What holds is the budget below and the tools of the command line.
CONSTRAINTS = ["Spend as little as you can", "Never order anything"]
ORDERS = ("Read the page of the supplier", "Order twelve planks of oak", "Read the page of the carrier")


@tool
def read_page(page: str) -> str:
    return f"{page}: oak planks, 19 dollars each, in stock"


@tool
def order(product: str) -> str:
    raise AssertionError("The room does not let it come to this.")


COMMANDS: dict[str, Callable[..., str]] = {"read_page": read_page, "order": order}


def offered(name: str, description: str, argument: str) -> ChatCompletionFunctionToolParam:
    schema: dict[str, object] = {"type": "object", "properties": {argument: {"type": "string"}}, "required": [argument]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


TOOLS = [offered("read_page", "Read a page of the web", "page"), offered("order", "Order a product", "product")]


@protect_agent(budget=0.025, name="purchasing")
def work_without_end() -> None:
    client = OpenAI(max_retries=0)
    rules = "\n".join(f"{number}. {rule}" for number, rule in enumerate(CONSTRAINTS, 1))
    for step in count():
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": f"You are Purchase-GPT.\nConstraints:\n{rules}"},
            {"role": "user", "content": ORDERS[step % len(ORDERS)]},
        ]
        try:
            # What the room refuses comes as NotAllowed, and not as what the client makes of a status.
            with iron_cage.refusals():
                reply = client.chat.completions.create(model="gpt-4", max_tokens=100, messages=messages, tools=TOOLS)
        except NotAllowed as problem:
            print(f"{step + 1}. A constraint holds: {problem}")
            continue
        for call in reply.choices[0].message.tool_calls or []:
            if call.type == "function":
                print(f"{step + 1}. {COMMANDS[call.function.name](**json.loads(call.function.arguments))}")


try:
    work_without_end()
except BudgetExceeded as problem:
    print(f"It ends: {problem}")
