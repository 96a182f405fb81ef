# In AutoGPT's pattern, without AutoGPT: a plain loop gives a model its goals and commands until it says that it is finished.
# Run it: iron_cage start examples/goal_driven_agent.py

import json
from collections.abc import Callable
from typing import Any

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolUnionParam

from iron_cage import AgentRuntime, tool

GOALS = ["Search for three suppliers of oak", "Write the suppliers into a file", "Finish with a summary"]
FILES: dict[str, str] = {}


@tool
def search(query: str) -> str:
    return f"Results for {query}: Alder Works, Blue Quarry, Tern and Sons"


@tool
def write_file(path: str, text: str) -> str:
    FILES[path] = text
    return f"{path} has {len(text)} characters"


def command(name: str, description: str, **properties: str) -> ChatCompletionToolUnionParam:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": list(properties),
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


COMMANDS: dict[str, Callable[..., str]] = {"search": search, "write_file": write_file}
OFFERED = [
    command("search", "Search the web", query="string"),
    command("write_file", "Write text into a file", path="string", text="string"),
    command("finish", "Finish with a summary of what was reached", summary="string"),
]


def main() -> None:
    system = "You are Buyer-GPT. Work on one goal at a time, each with exactly one command."
    messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": system}]
    with AgentRuntime(budget=0.50, name="buyer") as runtime:
        client = OpenAI()
        for step, goal in enumerate(GOALS, 1):
            messages.append({"role": "user", "content": goal})
            reply = client.chat.completions.create(
                model="gpt-4o", max_tokens=200, messages=messages, tools=OFFERED, tool_choice="required", parallel_tool_calls=False
            )
            runtime.progress(step, len(GOALS), unit="goal")
            message = reply.choices[0].message
            messages.append(message.to_dict())  # type: ignore[arg-type]
            for call in message.tool_calls or []:
                if call.type != "function":
                    continue
                arguments: dict[str, Any] = json.loads(call.function.arguments)
                print(f"{step}. {call.function.name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})")
                if call.function.name == "finish":
                    print(f"Finished: {arguments['summary']}")
                    return
                result = COMMANDS[call.function.name](**arguments)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
                print(f"   {result}")


if __name__ == "__main__":
    main()
