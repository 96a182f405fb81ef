"""Iron Cage for LangChain and LangGraph.

from iron_cage.langchain import IronCageChain

chain = IronCageChain(llm=ChatOpenAI(model="gpt-4"), budget=5.0)
print(chain.run("Who should we call first?"))
"""

from __future__ import annotations

from iron_cage.langchain._chain import IronCageChain as IronCageChain
from iron_cage.langchain._handler import IronCageCallbackHandler as IronCageCallbackHandler

__all__ = ["IronCageCallbackHandler", "IronCageChain"]
