# A model provider is down: its breaker opens in the gateway, and the agent goes on with the other provider.
# Run it: iron_cage start examples/provider_outage.py --simulated-failures openai:server-error@1x20

import anthropic
import openai

import iron_cage
from iron_cage import AgentRuntime, CircuitOpen

LEADS = ["Alder Works", "Nordlicht Energy", "Hoshi Robotics", "Casa Verde", "Kestrel Air", "Blue Quarry", "Tern and Sons"]


def ask_openai(question: str) -> str:
    # No retries: the next provider is the retry.
    with iron_cage.refusals():
        answer = openai.OpenAI(max_retries=0).chat.completions.create(
            model="gpt-4o-mini", max_tokens=60, messages=[{"role": "user", "content": question}]
        )
    return answer.choices[0].message.content or ""


def ask_anthropic(question: str) -> str:
    answer = anthropic.Anthropic().messages.create(
        model="claude-haiku-4-5", max_tokens=60, messages=[{"role": "user", "content": question}]
    )
    return "".join(block.text for block in answer.content if block.type == "text")


with AgentRuntime(budget=0.50, name="steadfast") as runtime:
    for number, lead in enumerate(LEADS, 1):
        question = f"Is the company {lead} worth a call? Answer yes or no."
        try:
            answer, who = ask_openai(question), "OpenAI"
        except CircuitOpen as problem:
            answer, who = ask_anthropic(question), f"Anthropic, for OpenAI is left alone for {problem.retry_after:.0f} s"
        except openai.APIError as problem:
            answer, who = ask_anthropic(question), f"Anthropic, for OpenAI failed ({type(problem).__name__})"
        print(f"{lead:<18} {answer:<4} {who}")
        runtime.progress(number, len(LEADS), unit="lead")
