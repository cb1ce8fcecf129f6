from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from shared.contracts.pas import capability_statement


def test_the_statement_names_what_the_door_offers() -> None:
    statement = capability_statement("https://payer.example/fhir")

    CapabilityStatement.model_validate(statement)
    (rest,) = statement["rest"]
    operations = {
        each["name"]: each["definition"]
        for resource in rest["resource"]
        for each in resource.get("operation", ())
    }
    assert operations == {
        "submit": "http://hl7.org/fhir/us/davinci-pas/OperationDefinition/Claim-submit",
        "inquire": "http://hl7.org/fhir/us/davinci-pas/OperationDefinition/Claim-inquiry",
        "status": "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/"
        "backport-subscription-status",
    }
    subscription = next(each for each in rest["resource"] if each["type"] == "Subscription")
    assert {each["code"] for each in subscription["interaction"]} >= {"create", "read", "delete"}
    assert [each["name"] for each in rest["operation"]] == ["submit-attachment"]
    assert statement["fhirVersion"] == "4.0.1"
