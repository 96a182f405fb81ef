# Cost optimisation: a cheap model reads every ticket, and only the hard ones go to the dear model.
# Run it: iron_cage start examples/cheap_model_first.py

from openai import OpenAI

from iron_cage import AgentRuntime

TICKETS = [
    "I cannot log in since this morning.",
    "Please send me the invoice of October once more.",
    "Your export drops every second row when the file has umlauts and is larger than a gigabyte.",
    "How do I change my plan?",
    "Since the update our reports disagree with the ledger by exactly one day in New Zealand.",
    "Is there a discount for schools?",
]


def ask(client: OpenAI, model: str, question: str, most: int) -> str:
    answer = client.chat.completions.create(model=model, max_tokens=most, messages=[{"role": "user", "content": question}])
    return answer.choices[0].message.content or ""


with AgentRuntime(budget=1.00, name="support") as runtime:
    client = OpenAI()
    hard = []
    for ticket in TICKETS:
        difficulty = ask(client, "gpt-4o-mini", f"How hard is this ticket on a scale of 1 to 10? One number only.\n\n{ticket}", 3)
        print(f"{difficulty:>2}  {ticket}")
        # What is no number is hard as well: doubt goes to the better model.
        if not difficulty.isdecimal() or int(difficulty) >= 7:
            hard.append(ticket)
    sorting = runtime.spent

    for ticket in hard:
        print(f"\n{ticket}\n  {ask(client, 'gpt-4', f'Outline a solution: {ticket}', 200)}")
    solving = runtime.spent - sorting

    print(f"\nSorting {len(TICKETS)} tickets cost ${sorting:.6f}, solving {len(hard)} of them ${solving:.4f}.")
    if hard:
        print(f"All of them with the dear model: about ${solving / len(hard) * len(TICKETS):.4f}.")
