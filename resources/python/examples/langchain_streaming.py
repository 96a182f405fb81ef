# LangChain: the words of an answer as they come, from a chain and asynchronously; the budget holds for streams too.
# Run it: iron_cage start examples/langchain_streaming.py

import asyncio

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

from iron_cage import AgentRuntime


async def main() -> None:
    async with AgentRuntime(budget=0.10, name="writer") as runtime:
        model = ChatOpenAI(model="gpt-4o-mini", max_completion_tokens=200, stream_usage=True)
        chain = ChatPromptTemplate.from_template("List the steps of {work}.") | model | StrOutputParser()

        async for piece in chain.astream({"work": "opening a workshop"}):
            print(piece, end="", flush=True)
        print(f"\n(${runtime.spent:.6f})\n")

        async def count(work: str) -> str:
            pieces = [piece async for piece in chain.astream({"work": work}) if piece]
            return f"{work}: {len(pieces)} pieces, {len(''.join(pieces))} characters"

        # Several streams at a time.
        print(*await asyncio.gather(count("baking bread"), count("mending a chair"), count("binding a book")), sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
