"""Joins recordings to what is recorded: the provider's wire, the stream, and the stored chains."""

from collections.abc import Callable, Sequence

from redis.client import Redis

from marketswarm.chain.stream import ChainStream
from marketswarm.clock import Clock
from marketswarm.massive.decode import decode_frame
from marketswarm.model.chain import ChainId
from marketswarm.model.update import Update
from marketswarm.ports import BadFrames
from marketswarm.recorder.attendant import Act, Attendant
from marketswarm.recorder.orders import RecordingOrders
from marketswarm.recorder.stored import StoredChains
from marketswarm.recorder.tap import Recorder
from marketswarm.settings import Settings, masked

_SHARED = (
    "indices",
    "strikes_each_side",
    "expirations",
    "flush_ms",
    "connections",
    "drift_strikes",
    "drift_points",
)


class RecordingJoint:
    """What a process needs to record, and a command to ask for it.

    Args:
        redis: gives the data store's client; asked for when it is needed, so that a tap alone needs none.

    Attributes:
        tap: where the process hands over what it receives.
        stream: the stream that runs in this process, if one does.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        redis: Callable[[], Redis],
        held_chains: Callable[[str], Sequence[ChainId]],
    ) -> None:
        secrets = (settings.massive_api_key, settings.api_token, settings.flower_password)
        self.tap = Recorder(clock, [secret.get_secret_value() for secret in secrets if secret is not None])
        self.stream: ChainStream | None = None
        self._settings = settings
        self._clock = clock
        self._redis = redis
        self._held_chains = held_chains

    def orders(self) -> RecordingOrders:
        """Whether to record."""
        return RecordingOrders(self._redis())

    def chains(self) -> StoredChains:
        """Whole chains, for the beginning and the end of a recording."""
        return StoredChains(self._redis(), self._held_chains)

    def attendant(self) -> Attendant:
        """Begins and ends this process's part of a recording."""
        return Attendant(
            self.orders(),
            self.tap,
            self.chains(),
            self._clock,
            has_stream=lambda: self.stream is not None,
            between_frames=self._between_frames,
            settings=shared_settings(self._settings),
        )

    def _between_frames(self, act: Act) -> None:
        assert self.stream is not None, "asked for only where a stream runs"
        self.stream.between_frames(act)


def shared_settings(settings: Settings) -> dict[str, str]:
    """Variable → value of the settings that a replay must share with the recording, beside symbols and source."""
    fields = {name: Settings.model_fields[name].alias for name in _SHARED}
    told = {str(alias): masked(getattr(settings, name)) for name, alias in fields.items()}
    return {name: value for name, value in told.items() if value} | {
        "MARKETSWARM_SESSION": settings.session_mode
    }


def decode_raw(raw: bytes) -> tuple[Sequence[Update], BadFrames | None]:
    """A recorded frame as the provider's decoder reads it."""
    decoded = decode_frame(raw)
    return decoded.updates, decoded.bad
