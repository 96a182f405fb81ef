# CrewAI: a tool of your own, with typed arguments. Its use passes the room's rules and stands in its events.
# Run it: iron_cage start examples/crews/crewai_custom_tool.py --allow-tool look_up_stock --unauthorised refuse

from crewai import LLM, Agent, Crew, Task
from crewai.tools import BaseTool
from pydantic import BaseModel, Field

from iron_cage import AgentRuntime

STOCK = {"oak table": 14, "pine shelf": 0, "ash chair": 31}


class StockQuestion(BaseModel):
    product: str = Field(description="The product's name", json_schema_extra={"enum": list(STOCK)})


class StockTool(BaseTool):
    name: str = "look_up_stock"
    description: str = "How many pieces of a product are in stock."
    args_schema: type[BaseModel] = StockQuestion

    def _run(self, product: str) -> str:
        print(f"The crew looks it up: {product}")
        return f"{product}: {STOCK.get(product, 0)} in stock"


def main() -> None:
    with AgentRuntime(budget=0.50, name="stock desk"):
        clerk = Agent(
            role="Stock clerk",
            goal="Answer questions about the stock",
            backstory="You never guess; you look it up.",
            llm=LLM(model="gpt-4o", max_tokens=300),
            tools=[StockTool()],
        )
        task = Task(description="Look up the stock of this product: oak table.", expected_output="One sentence.", agent=clerk)
        print(Crew(agents=[clerk], tasks=[task]).kickoff())


if __name__ == "__main__":
    main()
