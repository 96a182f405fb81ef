# The OpenAI SDK as it is, in a block with a budget of its own: the room counts, and nothing is set up.
# Run it: iron_cage start examples/openai_chat.py

from openai import OpenAI

from iron_cage import AgentRuntime

LEADS = ["Maria Lopez at Alder Works", "Tom Becker at Nordlicht Energy", "Aiko Tanaka at Hoshi Robotics"]


def write_to(client: OpenAI, lead: str) -> str:
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        max_tokens=120,
        messages=[
            {"role": "system", "content": "You write outreach messages of three sentences."},
            {"role": "user", "content": f"Write to the lead {lead}."},
        ],
    )
    return answer.choices[0].message.content or ""


def main() -> None:
    with AgentRuntime(budget=0.10, name="outreach") as runtime:
        # The client reads OPENAI_BASE_URL when it is made: make it inside of the block.
        client = OpenAI()
        for number, lead in enumerate(LEADS, 1):
            print(f"--- {lead}\n{write_to(client, lead)}\n")
            runtime.progress(number, len(LEADS), unit="lead")
        print(f"${runtime.spent:.6f} of ${runtime.limit:.2f} for {len(LEADS)} leads")


if __name__ == "__main__":
    main()
