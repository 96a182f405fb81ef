# Two providers, one budget: the same question goes to OpenAI and to Anthropic, and each answer has its price.
# Run it: iron_cage start examples/multi_provider.py

from collections.abc import Callable

from anthropic import Anthropic
from openai import OpenAI

from iron_cage import AgentRuntime

QUESTION = "List the steps of a good handover between two shifts in a factory."


def openai(model: str) -> str:
    answer = OpenAI().chat.completions.create(model=model, max_tokens=300, messages=[{"role": "user", "content": QUESTION}])
    return answer.choices[0].message.content or ""


def anthropic(model: str) -> str:
    answer = Anthropic().messages.create(model=model, max_tokens=300, messages=[{"role": "user", "content": QUESTION}])
    return "".join(block.text for block in answer.content if block.type == "text")


ASKED: list[tuple[Callable[[str], str], str]] = [
    (openai, "gpt-4o-mini"),
    (openai, "gpt-4o"),
    (anthropic, "claude-haiku-4-5"),
    (anthropic, "claude-sonnet-4-6"),
]

with AgentRuntime(budget=0.50, name="comparison") as whole:
    for ask, model in ASKED:
        # A block in a block: it may spend five cents of the fifty.
        with AgentRuntime(budget=0.05, name=model) as part:
            answer = ask(model)
            print(f"{model:<18} ${part.spent:.6f}  {answer.splitlines()[0]}")
    print(f"{'together':<18} ${whole.spent:.6f}")
