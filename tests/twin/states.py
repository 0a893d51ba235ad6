"""States of machines (4.11)."""

from __future__ import annotations

from tests.twin.claims import Claims
from tests.twin.things import Machine, WarmingUp


class States(Claims):
    def state_of(self, machine: Machine) -> str:
        if not machine.on:
            return "off shift"
        at_it = machine.running and not machine.walking
        if machine.stop:
            return self.state_of_stop(machine)
        keepers = self.keepers_of(machine)
        if keepers and (self.is_down(machine) or machine.job == "empty"):
            busy = [keeper for keeper in keepers if keeper.stop]
            return self.state_of_stop(busy[-1]) if busy else "waiting for repair"
        if machine.job == "done":
            return "blocked"
        if machine.job == "in process":
            if not at_it:
                return f"no {machine.lacks or 'staff'}"
            return "working" if machine.phase == "run" else machine.phase
        return f"no {machine.lacks}" if machine.lacks else "starved"

    def state_of_stop(self, machine: Machine) -> str:
        if not machine.running or machine.walking:
            return "waiting for repair"
        assert machine.stop
        if isinstance(machine.stop.words, WarmingUp):
            return "setup"
        return "in repair" if machine.stop.repair else "maintenance"

    def keepers_of(self, machine: Machine) -> list[Machine]:
        """What holds a machine back, or has stopped it, together with others."""
        return [
            keeper
            for keeper in self.keepers
            if machine in keeper.members and (keeper.holding or (keeper.stop and keeper.stop.repair))
        ]

    def is_down(self, machine: Machine) -> bool:
        return any(keeper.stop and keeper.stop.repair for keeper in self.keepers_of(machine))

    def see(self, machine: Machine) -> None:
        """Note the state if it is another one; of a keeper that of its members."""
        if machine.members:
            for member in machine.members:
                self.see(member)
            return
        state = self.state_of(machine)
        if state != machine.state:
            machine.state = state
            self.note("state", None, machine, state)
            away = ("off shift", "waiting for repair", "in repair", "maintenance")
            if machine.center.words.start_up and machine.away_since is None and state in away:
                machine.away_since = self.now
