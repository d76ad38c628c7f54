"""The race under way: begun for a line-up, run on in slices, and never taken for the race of another line-up.

It knows no screen: who runs it asks for slices, and asks for the contest by the line-up that it is about to show. While
another line-up is wanted than the one that is run there is none to be had, so that no step, no curve and no command
mixes the two.
"""

from __future__ import annotations

from lossterm.race.contest import Contest, Lineup


class RaceService:
    """Owns a contest and runs it."""

    def __init__(self) -> None:
        self._lineup: Lineup | None = None
        self._contest: Contest | None = None

    def begin(self, lineup: Lineup) -> bool:
        """Let the race of a line-up be the one that is run.

        Returns:
            Whether it was not that already, and has begun.
        """
        if lineup == self._lineup:
            return False
        contest = Contest(lineup.course, lineup.contenders, lineup.start)
        self._lineup, self._contest = lineup, contest
        return True

    def of(self, lineup: Lineup) -> Contest | None:
        """The contest of a line-up, as far as it has come; None while none or that of another one is run."""
        return self._contest if lineup == self._lineup else None

    def ended(self, lineup: Lineup) -> Contest | None:
        """The contest of a line-up when it has ended or was stopped; None before."""
        contest = self.of(lineup)
        return contest if contest is not None and contest.done else None

    def advance(self, lineup: Lineup, seconds: float) -> bool:
        """Run the race of a line-up on for about so long; that of another one stays where it is.

        Returns:
            Whether there is more of it to run.
        """
        contest = self.of(lineup)
        return contest is not None and contest.advance(seconds)

    def is_under_way(self, lineup: Lineup) -> bool:
        """Whether the race of a line-up has begun and has not ended."""
        contest = self.of(lineup)
        return contest is not None and not contest.done

    def stop(self, lineup: Lineup) -> bool:
        """Let the race of a line-up go no further; returns whether it was under way."""
        contest = self.of(lineup)
        if contest is None or contest.done:
            return False
        contest.cancel()
        return True
