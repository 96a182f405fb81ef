from __future__ import annotations

from collections.abc import Iterator

import pytest
from hook_agents import Agents, Room, Service


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.close()


@pytest.fixture
def service(room: Room) -> Iterator[Service]:
    service = Service()
    room.services = [{"name": "people", "hosts": [service.host]}]
    yield service
    service.close()


@pytest.fixture
def gateway() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.fixture
def agents(room: Room, gateway: Service) -> Agents:
    return Agents(room, gateway)
