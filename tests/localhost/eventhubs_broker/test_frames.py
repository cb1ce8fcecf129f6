"""Frames are read as they were written, however the network splits them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from localhost.eventhubs_broker.amqp_types import Symbol, UInt
from localhost.eventhubs_broker.frames import EMPTY_FRAME, FrameReader, frame, transfer_frames
from localhost.eventhubs_broker.performatives import Attach, Flow, Performative, Transfer

PERFORMATIVES: list[Performative] = [
    Attach("link", UInt(1), role=True, properties={Symbol("com.microsoft:epoch"): 3}),
    Flow(None, UInt(10), UInt(2), UInt(300), handle=UInt(1), drain=False),
    Transfer(UInt(1), UInt(2), b"tag", UInt(0), settled=True, more=False),
]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PERFORMATIVES), st.binary(max_size=50)), max_size=6),
    st.lists(st.integers(1, 40)),
)
def test_frames_are_read_as_they_were_written(
    written: list[tuple[Performative, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(
        EMPTY_FRAME + frame(7, performative, payload) for performative, payload in written
    )
    reader = FrameReader()
    read: list[tuple[Performative | None, bytes]] = []
    while stream:
        size = cuts.pop() if cuts else len(stream)
        reader.feed(stream[:size])
        stream = stream[size:]
        while (received := reader.next_frame()) is not None:
            if received.performative is not None:
                assert received.channel == 7
                read.append((received.performative, received.payload))

    assert read == written


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=3000), st.integers(512, 1024))
def test_a_delivery_is_cut_into_frames_that_the_peer_can_take(message: bytes, limit: int) -> None:
    pieces = transfer_frames(3, 9, 70_000, message, limit)
    reader = FrameReader()
    for piece in pieces:
        reader.feed(piece)
    frames = [reader.next_frame() for _ in pieces]
    tag = (70_000).to_bytes(4)
    expected = Transfer(UInt(9), UInt(70_000), tag, UInt(0), settled=True, more=True)

    assert all(len(piece) <= limit for piece in pieces)
    assert [one and one.performative for one in frames] == [
        *[expected] * (len(pieces) - 1),
        expected._replace(more=False),
    ]
    assert b"".join(one.payload for one in frames if one) == message
