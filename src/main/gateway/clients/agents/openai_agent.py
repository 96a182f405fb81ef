"""Uses the OpenAI SDK as anybody would; it knows of no gateway and of no budget."""
import asyncio
import json

from openai import AsyncOpenAI, BadRequestError, OpenAI

client = OpenAI()
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def used(step: str, model: str, prompt: int, completion: int) -> None:
    print("used", json.dumps([step, model, prompt, completion]), flush=True)


def say(step: str, text: object) -> None:
    print("said", json.dumps([step, text]), flush=True)


def chat() -> None:
    answer = client.chat.completions.create(
        model="gpt-4",
        messages=[{"role": "user", "content": "Write an outreach message. Lead: Maria Lopez, company: Alder Works"}],
        max_tokens=200,
    )
    say("chat", answer.choices[0].message.content)
    used("chat", "gpt-4", answer.usage.prompt_tokens, answer.usage.completion_tokens)


def stream() -> None:
    pieces = client.chat.completions.create(
        model="gpt-4", messages=[{"role": "user", "content": "List ideas for a garden"}], max_tokens=200, stream=True
    )
    text, hidden = "", True
    for piece in pieces:
        hidden = hidden and piece.usage is None and len(piece.choices) == 1
        text += piece.choices[0].delta.content or ""
    say("stream", [text, hidden])


def stream_with_usage() -> None:
    options = {"include_usage": True}
    question = [{"role": "user", "content": "Summarise: the garden grows"}]
    pieces = list(client.chat.completions.create(model="gpt-4o", messages=question, max_tokens=200, stream=True, stream_options=options))
    used("stream with usage", "gpt-4o", pieces[-1].usage.prompt_tokens, pieces[-1].usage.completion_tokens)


def tools() -> None:
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    first = client.chat.completions.create(model="gpt-4o", messages=messages, tools=[WEATHER], max_tokens=200)
    used("tool call", "gpt-4o", first.usage.prompt_tokens, first.usage.completion_tokens)
    message = first.choices[0].message
    call = message.tool_calls[0]
    say("tool call", [call.function.name, json.loads(call.function.arguments)])
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"sky": "overcast", "degrees": 17})}
    second = client.chat.completions.create(model="gpt-4o", messages=[*messages, message, result], tools=[WEATHER], max_tokens=200)
    used("tool answer", "gpt-4o", second.usage.prompt_tokens, second.usage.completion_tokens)
    say("tool answer", second.choices[0].message.content)


def embed() -> None:
    answer = client.embeddings.create(model="text-embedding-3-small", input=["a garden", "a wood"])
    used("embed", "text-embedding-3-small", answer.usage.prompt_tokens, 0)
    say("embed", [len(entry.embedding) for entry in answer.data])


def respond() -> None:
    answer = client.responses.create(model="gpt-4o", input="Summarise: the wood is quiet", max_output_tokens=200)
    used("respond", "gpt-4o", answer.usage.input_tokens, answer.usage.output_tokens)
    say("respond", answer.output_text)


async def several() -> None:
    async with AsyncOpenAI() as later:
        asked = [{"model": "gpt-4o", "max_tokens": 50, "messages": [{"role": "user", "content": f"Idea number {n}"}]} for n in range(5)]
        for answer in await asyncio.gather(*(later.chat.completions.create(**request) for request in asked)):
            used("async", "gpt-4o", answer.usage.prompt_tokens, answer.usage.completion_tokens)


def mistakes() -> None:
    for model, messages in [("gpt-4", []), ("gpt-99", [{"role": "user", "content": "Hello"}])]:
        try:
            client.chat.completions.create(model=model, messages=messages)
        except BadRequestError as error:
            say("mistake", [type(error).__name__, error.code])


chat()
stream()
stream_with_usage()
tools()
embed()
respond()
asyncio.run(several())
mistakes()
say("models", "gpt-4" in [model.id for model in client.models.list()])
