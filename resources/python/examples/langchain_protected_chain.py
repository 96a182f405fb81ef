# LangChain: IronCageChain, a Runnable with a budget of its own, a memory, and private data looked for on both sides.
# Run it: iron_cage start examples/langchain_protected_chain.py

from langchain_openai import ChatOpenAI

from iron_cage import BudgetExceeded
from iron_cage.langchain import IronCageChain

QUESTIONS = [
    "Hello, I would like to rent a van.",
    "I am Dana Reed, dana.reed@example.com. Outline what I need to bring.",
    "Summarise what I have asked for.",
]


def main() -> None:
    desk = IronCageChain(
        llm=ChatOpenAI(model="gpt-4", max_completion_tokens=120, max_retries=0),
        prompt="You are the front desk of a car rental.",
        history=True,
        budget=0.03,
        name="front desk",
    )
    with desk:
        for number in range(100):
            question = QUESTIONS[number % len(QUESTIONS)]
            try:
                answer = desk.run(question)
            except BudgetExceeded as problem:
                print(f"Closed after {number} questions: {problem}")
                break
            print(f"{number + 1}. {answer.splitlines()[0]}  (${desk.cost:.5f})")
        print(f"${desk.spent:.4f} of ${desk.limit:.2f}; private data that was met: {desk.findings}")


if __name__ == "__main__":
    main()
