# No SDK of anybody: urllib and requests call a provider's own address, and the room is in between all the same.
# Run it: iron_cage start examples/plain_http.py

import json
import os
from typing import Any
from urllib.request import Request, urlopen

import requests

ADDRESS = "https://api.openai.com/v1/chat/completions"
# The room puts the true key in, or answers by itself where there is none.
HEADERS = {"authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}", "content-type": "application/json"}


def question(text: str) -> dict[str, Any]:
    return {"model": "gpt-4o-mini", "max_tokens": 40, "messages": [{"role": "user", "content": text}]}


def with_urllib(text: str) -> str:
    with urlopen(Request(ADDRESS, json.dumps(question(text)).encode(), HEADERS), timeout=30) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])


def with_requests(text: str) -> str:
    answer = requests.post(ADDRESS, json=question(text), headers=HEADERS, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["choices"][0]["message"]["content"])


print("urllib:  ", with_urllib("Is a heat pump loud? Answer yes or no."))
print("requests:", with_requests("Is a gas boiler loud? Answer yes or no."))
