# The agent file: iron_cage.yaml beside this script puts a breaker in front of a service that the script just calls.
# Run it: iron_cage start examples/agent_file/enrich_leads.py

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import requests

COMPANIES = ["alder", "nordlicht", "hoshi", "alder", "kestrel", "tern", "quarry", "nordlicht"]


class Enrichment(BaseHTTPRequestHandler):
    """Stands in for a service on the network; it breaks down after two answers."""

    asked = 0

    def do_GET(self) -> None:
        Enrichment.asked += 1
        body = json.dumps({"employees": 40 * len(self.path)}).encode()
        self.send_response(200 if Enrichment.asked <= 2 else 503)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


server = HTTPServer(("localhost", 0), Enrichment)
threading.Thread(target=server.serve_forever, daemon=True).start()

# From here on it is a script as it would be without the room.
for company in COMPANIES:
    answer = requests.get(f"http://localhost:{server.server_port}/v1/companies", params={"name": company}, timeout=5)
    print(f"{company:<10} {answer.status_code} {answer.json()['employees']}")

print(f"The service was asked {Enrichment.asked} times for {len(COMPANIES)} companies.")
server.shutdown()
