# LangChain: prompt | model | parser, as anybody writes it, run as a batch within a budget.
# Run it: iron_cage start examples/langchain_chain.py

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

from iron_cage import AgentRuntime

LEADS = [
    {"person": "Maria Lopez", "company": "Alder Works"},
    {"person": "Tom Becker", "company": "Nordlicht Energy"},
    {"person": "Aiko Tanaka", "company": "Hoshi Robotics"},
]

PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "You write outreach messages. Three sentences at most."),
        ("human", "Write a message. Lead: {person}, company: {company}"),
    ]
)


def main() -> None:
    with AgentRuntime(budget=0.10, name="outreach") as runtime:
        chain = PROMPT | ChatOpenAI(model="gpt-4o-mini", max_completion_tokens=150) | StrOutputParser()
        for lead, message in zip(LEADS, chain.batch(LEADS), strict=True):
            print(f"--- {lead['person']}\n{message}\n")
        print(f"{len(LEADS)} messages for ${runtime.spent:.6f}")


if __name__ == "__main__":
    main()
