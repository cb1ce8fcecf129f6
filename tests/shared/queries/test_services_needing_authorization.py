from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.queries.services_needing_authorization import services_needing_authorization
from tests.shared.ports.samples import NOON

FREE = {"emergency", "office visit"}


async def test_every_class_of_the_plans_table_is_listed_unless_the_rules_free_it() -> None:
    rules = FileRuleBook()
    rows = await rules.rows("service-class", "Service class", at=NOON)
    classes = {row.outputs[0].strip('"') for row in rows}
    listed = await services_needing_authorization(rules, at=NOON)
    assert {each.name for each in listed} == classes - FREE


async def test_an_entry_tells_codes_and_documents_as_people_read_them() -> None:
    listed = {
        each.name: each for each in await services_needing_authorization(FileRuleBook(), at=NOON)
    }
    assert listed["home health"].codes == "G0151 to G0162, G0299, G0300, category 42, 44"
    assert listed["home health"].documents == ("Plan of care",)
    assert listed["other"].codes == "every other service"
    assert listed["consultation"].documents == ()
