"""Asks until it is told that there is nothing left to spend."""
from openai import APIStatusError, OpenAI

client = OpenAI()
for number in range(1, 1001):
    try:
        client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": f"Idea {number}"}], max_tokens=100)
    except APIStatusError as error:
        print(f"stopped at {number}: {type(error).__name__} {error.status_code} {error.code}", flush=True)
        break
