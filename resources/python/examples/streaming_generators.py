# Streams: a generator under @protect_agent gives the words as they come, and is closed when nobody wants more of them.
# Run it: iron_cage start examples/streaming_generators.py

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import closing

from openai import AsyncOpenAI, OpenAI

from iron_cage import protect_agent


@protect_agent(budget=0.10)
def write(subject: str) -> Generator[str, None, None]:
    stream = OpenAI().chat.completions.create(
        model="gpt-4o-mini", max_tokens=200, stream=True, messages=[{"role": "user", "content": f"Outline a plan for {subject}."}]
    )
    with stream:
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content


@protect_agent(budget=0.10)
async def write_later(subject: str) -> AsyncIterator[str]:
    async with AsyncOpenAI() as client:
        stream = await client.chat.completions.create(
            model="gpt-4o-mini", max_tokens=200, stream=True, messages=[{"role": "user", "content": f"Outline a plan for {subject}."}]
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content


async def in_a_loop() -> int:
    count = 0
    async for _ in write_later("a library of tools"):
        count += 1
    return count


print("".join(write("a repair café")))

# The block is over when its generator is closed, also where that is early.
with closing(write("a bicycle workshop")) as pieces:
    print("\nThe first words only:", "".join(next(pieces) for _ in range(6)))

print(f"\nFrom an asynchronous generator: {asyncio.run(in_a_loop())} pieces")
