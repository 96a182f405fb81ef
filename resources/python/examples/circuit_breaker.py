# A service goes down and comes back: its breaker opens, answers come from elsewhere, and one probe finds it well again.
# Run it: iron_cage start examples/circuit_breaker.py

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.request import urlopen

from iron_cage import AgentRuntime, CircuitBreaker, cached, placeholder


class Weather(BaseHTTPRequestHandler):
    """Stands in for a service on the network."""

    is_down = False
    asked = 0

    def do_GET(self) -> None:
        Weather.asked += 1
        self.send_response(503 if Weather.is_down else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"city": self.path[1:], "degrees": 17}).encode())

    def log_message(self, format: str, *args: Any) -> None: ...


def main(port: int) -> None:
    breaker = CircuitBreaker(failures=3, cooldown=2.0)
    with AgentRuntime(name="travel", circuit_breaker=breaker) as runtime:
        # Answers outlive the room, encrypted, where it has a master key: `iron_cage secrets init`.
        @runtime.service("weather", fallback=[cached(max_age=3600), placeholder({"degrees": None})], price=0.01)
        def weather(city: str) -> Any:
            with urlopen(f"http://127.0.0.1:{port}/{city}", timeout=5) as answer:
                return json.load(answer)

        print("The service is well:", weather("Oslo"))
        Weather.is_down = True
        for city in ("Rome", "Lima", "Oslo", "Quito", "Oslo"):
            answer = weather.answer(city)
            print(f"It is down. {city}: {answer.value} ({answer.tier}). {answer.reason}")
        print(f"It was asked {Weather.asked} times, and left alone since.")

        Weather.is_down = False
        time.sleep(2.1)
        print("Well again:", weather("Accra"))
        print(f"It was asked {Weather.asked} times.")


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Weather)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    main(server.server_port)
    server.shutdown()
