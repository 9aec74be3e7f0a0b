"""Serves a model that Glyph trained with FastAPI and ONNX Runtime, as one would in Python.

`uvicorn fastapi_peer:app` with the model's folder in the environment variable MODEL. It takes pictures that are already
as the network wants them: nothing is centred or scaled, and an answer comes back for whatever it gets.

The endpoint is `async` and computes in place: handing 100 microseconds of work to a thread takes longer than that.
"""

import io
import json
import os
from pathlib import Path

import numpy
import orjson
from fastapi import FastAPI, Request, Response
from PIL import Image

from burnpack import read_tensors
from onnx_peer import build_graph, normalize, open_session

FOLDER = Path(os.environ["MODEL"])
CARD = json.loads((FOLDER / "model.json").read_text())
SESSION = open_session(build_graph(CARD, read_tensors(FOLDER / "model.bpk")), threads=1)

app = FastAPI()


@app.get("/healthz")
async def healthz():
    return "ok"


@app.post("/api/predict")
async def predict(request: Request):
    picture = Image.open(io.BytesIO(await request.body())).convert("L")
    pixels = numpy.asarray(picture, numpy.float32)[None, None] / 255
    probabilities = SESSION.run(None, {"image": normalize(pixels, CARD["normalization"])})[0][0].tolist()
    classes = [
        {"class": name, "probability": probability} for name, probability in zip(CARD["class_names"], probabilities)
    ]
    classes.sort(key=lambda ranked: -ranked["probability"])
    best = classes[0]
    answer = {"class": best["class"], "confidence": best["probability"], "classes": classes}
    return Response(orjson.dumps({"answers": [answer]}), media_type="application/json")
