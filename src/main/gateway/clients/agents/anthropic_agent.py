"""Uses the Anthropic SDK as anybody would; it knows of no gateway and of no budget."""
import asyncio
import json

from anthropic import Anthropic, AsyncAnthropic, BadRequestError

client = Anthropic()
MODEL = "claude-sonnet-4-6"
SYSTEM = "You write outreach messages."
WEATHER = {
    "name": "get_weather",
    "description": "The weather at a place",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def used(step: str, usage) -> None:
    print("used", json.dumps([step, MODEL, usage.input_tokens, usage.output_tokens]), flush=True)


def say(step: str, text: object) -> None:
    print("said", json.dumps([step, text]), flush=True)


def message() -> None:
    lead = [{"role": "user", "content": "Lead: Maria Lopez, company: Alder Works"}]
    answer = client.messages.create(model=MODEL, max_tokens=300, system=SYSTEM, messages=lead)
    used("message", answer.usage)
    say("message", answer.content[0].text)


def stream() -> None:
    asked = [{"role": "user", "content": "List ideas for a garden"}]
    with client.messages.stream(model=MODEL, max_tokens=300, messages=asked) as pieces:
        text = "".join(pieces.text_stream)
        used("stream", pieces.get_final_message().usage)
    say("stream", text)


def tools() -> None:
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    first = client.messages.create(model=MODEL, max_tokens=300, tools=[WEATHER], messages=messages)
    used("tool call", first.usage)
    call = next(block for block in first.content if block.type == "tool_use")
    say("tool call", [call.name, call.input])
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "17 degrees and overcast"}
    answered = [*messages, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = client.messages.create(model=MODEL, max_tokens=300, tools=[WEATHER], messages=answered)
    used("tool answer", second.usage)
    say("tool answer", second.content[0].text)


async def several() -> None:
    async with AsyncAnthropic() as later:
        asked = [{"model": MODEL, "max_tokens": 50, "messages": [{"role": "user", "content": f"Idea number {n}"}]} for n in range(5)]
        for answer in await asyncio.gather(*(later.messages.create(**request) for request in asked)):
            used("async", answer.usage)


def mistakes() -> None:
    for model, messages in [(MODEL, []), ("claude-99", [{"role": "user", "content": "Hello"}])]:
        try:
            client.messages.create(model=model, max_tokens=10, messages=messages)
        except BadRequestError as error:
            say("mistake", [type(error).__name__, error.body["error"]["type"]])


message()
stream()
tools()
asyncio.run(several())
mistakes()
say("count", client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "Hello"}]).input_tokens > 0)
say("models", MODEL in [model.id for model in client.models.list()])
