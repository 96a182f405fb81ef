# A tool-using loop with the Anthropic SDK: the model asks for a tool, the room sees its use, the model answers.
# Run it: iron_cage start examples/anthropic_messages.py

from anthropic import Anthropic
from anthropic.types import MessageParam, ToolParam, ToolResultBlockParam

from iron_cage import protect_agent, tool

STOCK = {"oak table": 14, "pine shelf": 0}

LOOK_UP: ToolParam = {
    "name": "look_up_stock",
    "description": "How many pieces of a product are in stock",
    "input_schema": {"type": "object", "properties": {"product": {"type": "string", "enum": list(STOCK)}}, "required": ["product"]},
}


@tool
def look_up_stock(product: str) -> str:
    return f"{product}: {STOCK[product]} in stock"


@protect_agent(budget=0.50)
def answer(question: str) -> str:
    client = Anthropic()
    messages: list[MessageParam] = [{"role": "user", "content": question}]
    while True:
        reply = client.messages.create(model="claude-haiku-4-5", max_tokens=300, tools=[LOOK_UP], messages=messages)
        messages.append({"role": "assistant", "content": reply.content})
        if reply.stop_reason != "tool_use":
            return "".join(block.text for block in reply.content if block.type == "text")
        results: list[ToolResultBlockParam] = []
        for block in reply.content:
            if block.type == "tool_use":
                found = look_up_stock(str(block.input["product"]))
                print(f"The model looked it up: {found}")
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": found})
        messages.append({"role": "user", "content": results})


print(answer("How many pieces of the oak table are in stock?"))
