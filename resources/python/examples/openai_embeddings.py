# Embeddings and a small search: they have their price too, and count in the same budget as everything else.
# Run it: iron_cage start examples/openai_embeddings.py

from math import sqrt

from openai import OpenAI

from iron_cage import AgentRuntime

ARTICLES = [
    "How to change your plan, and when the new price holds.",
    "What to do when a login fails three times.",
    "Exports: formats, sizes, and files with umlauts.",
    "Discounts for schools, clubs and other associations.",
]


def embed(client: OpenAI, texts: list[str]) -> list[list[float]]:
    answer = client.embeddings.create(model="text-embedding-3-small", input=texts)
    return [one.embedding for one in answer.data]


def likeness(one: list[float], other: list[float]) -> float:
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / (sqrt(sum(a * a for a in one)) * sqrt(sum(b * b for b in other)))


with AgentRuntime(budget=0.01, name="search") as runtime:
    client = OpenAI()
    # All articles in one call; a question is another.
    index = embed(client, ARTICLES)
    question = "Is there a discount for schools?"
    [asked] = embed(client, [question])
    found = sorted(((likeness(asked, place), article) for place, article in zip(index, ARTICLES, strict=True)), reverse=True)

    print(question)
    for nearness, article in found[:3]:
        print(f"  {nearness:.3f}  {article}")
    print(f"${runtime.spent * 1_000_000:.2f} for a million times as much")
