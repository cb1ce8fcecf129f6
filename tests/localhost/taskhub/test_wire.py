from __future__ import annotations

import durabletask.internal.orchestrator_service_pb2 as pb
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from localhost.taskhub.wire import as_new, as_past, event, events_in, micros_from, timestamp


@pytest.mark.parametrize("size", [0, 1, 100, 127, 128, 5_000, 16_384, 3_000_000])
def test_joined_bytes_parse_as_the_message_that_they_stand_for(size: int) -> None:
    data = StringValue(value="x" * size)
    past = [event(n, id=n, genericEvent=pb.GenericEvent(data=data)) for n in (1, 2)]
    new = [event(3, orchestratorStarted=pb.OrchestratorStartedEvent())]

    request = pb.OrchestratorRequest.FromString(as_past(past) + as_new(new))

    assert [e.SerializeToString() for e in request.pastEvents] == past
    assert [e.SerializeToString() for e in request.newEvents] == new
    assert [e.eventId for e in events_in(as_past(past))] == [1, 2]


@pytest.mark.parametrize("micros", [0, 1, 999_999, 1_767_225_600_000_001])
def test_time_stamps_keep_every_microsecond(micros: int) -> None:
    assert micros_from(timestamp(micros)) == micros
