from shared.domain.prior_authorization.coverage import Insurers
from shared.domain.prior_authorization.request import Identifier

OURS, ANOTHERS = Identifier("urn:x", "1992999990"), Identifier("urn:x", "1669999990")


def test_a_payer_knows_himself_by_the_values_that_he_goes_by() -> None:
    insurers = Insurers(frozenset({OURS.value}))

    assert insurers.know(OURS)
    assert not insurers.know(ANOTHERS)


def test_a_payer_that_goes_by_no_value_takes_every_name_for_his_own() -> None:
    assert Insurers().know(ANOTHERS)
