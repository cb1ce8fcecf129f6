"""The function app: registers every door, story and deed."""

import azure.durable_functions as df
import azure.functions as func

from activities import DEEDS, activity
from orchestrators import STORIES
from triggers import BLUEPRINTS

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)

for story, tell in STORIES.items():
    app.orchestration_trigger(context_name="context", orchestration=story.name)(tell)

for step in DEEDS:
    app.activity_trigger(input_name="call", activity=step.name)(activity(step))

for blueprint in BLUEPRINTS:
    app.register_functions(blueprint)
