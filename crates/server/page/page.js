// Brings the page to life: theme, modes, keys, pictures from outside, and the way from a drawing to its answer.

import { AnswerView, asSentence } from './answer.js';
import { ModelCard } from './model.js';
import { Courier, Pulse, requestJson, sendPicture, ServerBusy, ServerGone } from './server.js';
import { Sketch } from './sketch.js';

const THEME_KEY = 'glyph-theme';
const INVITATIONS = { digit: 'Draw a digit', number: 'Write a number', other: 'Draw something, or drop a picture' };

const find = (id) => document.getElementById(id);
const systemDark = matchMedia('(prefers-color-scheme: dark)');

let mode = 'digit';
let model = null;
let models = [];
let hasResent = false;

const view = new AnswerView(document);
const card = new ModelCard(document, chooseModel);
const courier = new Courier(readDrawing);
const pulse = new Pulse({ onLoss: showLoss, onReturn: recover });
const sketch = new Sketch(find('drawing'), { onGrowth: followGrowth, onReplacement: followReplacement });

function rememberTheme(theme) {
  try {
    if (theme) {
      localStorage.setItem(THEME_KEY, theme);
    } else {
      localStorage.removeItem(THEME_KEY);
    }
  } catch {
    // Storage may be switched off or full; then the choice lasts as long as the page.
  }
}

function rememberedTheme() {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

const systemTheme = () => (systemDark.matches ? 'dark' : 'light');
const currentTheme = () => document.documentElement.dataset.theme ?? systemTheme();

function applyTheme(theme) {
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
  find('theme').ariaLabel = `Switch to the ${currentTheme() === 'dark' ? 'light' : 'dark'} theme`;
  find('theme-color').content = getComputedStyle(document.documentElement).backgroundColor;
  sketch.repaint();
}

// Somebody who chooses what the system says anyway wants to follow the system again.
function toggleTheme() {
  const wanted = currentTheme() === 'dark' ? 'light' : 'dark';
  const choice = wanted === systemTheme() ? null : wanted;
  rememberTheme(choice);
  applyTheme(choice);
}

function showSheetState() {
  const hiddenName = sketch.hiddenPictureName;
  const kind = model && !model.reads_digits ? 'other' : mode;
  find('undo').disabled = !sketch.canUndo;
  find('clear').disabled = sketch.isEmpty;
  find('sheet').dataset.picture = String(sketch.hasPicture);
  find('invitation').hidden = !sketch.isEmpty && hiddenName === null;
  find('invitation').dataset.kind = hiddenName === null ? kind : 'hidden-picture';
  find('invitation-text').textContent =
    hiddenName === null ? INVITATIONS[kind] : `${hiddenName || 'This picture'} cannot be shown here.`;
}

function followGrowth() {
  showSheetState();
  hasResent = false;
  ask();
}

function followReplacement() {
  showSheetState();
  hasResent = false;
  resend();
}

function resend() {
  courier.cancel();
  if (!pulse.isGone) {
    showBanner('');
  }
  if (sketch.isEmpty) {
    view.showNothing();
  } else {
    ask();
  }
}

function ask() {
  if (pulse.isGone) {
    view.showWaiting();
  } else {
    courier.update();
  }
}

function apiPath(action) {
  const isFirst = model === null || model === models[0];
  const root = isFirst ? '/api' : `/api/models/${encodeURIComponent(model.name)}`;
  return `${root}/${action}?input=true`;
}

async function readDrawing(signal) {
  const askedMode = mode;
  try {
    const path = apiPath(askedMode === 'number' ? 'read' : 'predict');
    const answer = await sendPicture(path, sketch.toFile(), signal);
    if (!signal.aborted) {
      showAnswer(askedMode, answer);
    }
  } catch (error) {
    if (!signal.aborted) {
      showFailure(error);
    }
  }
}

function showAnswer(askedMode, answer) {
  hasResent = false;
  showBanner('');
  if (askedMode === 'number') {
    view.showReading(answer, (box) => sketch.place(box));
  } else {
    view.showPrediction(answer);
  }
}

function showFailure(error) {
  if (error instanceof ServerBusy) {
    showBanner(`The server is busy. Trying again in ${error.seconds}\u202fs…`);
    courier.holdBack(error.seconds);
  } else if (error instanceof ServerGone) {
    showBrokenRequest();
  } else {
    showBanner('');
    view.showProblem(error.message);
  }
}

// A server that is there and yet breaks off the same request twice will do so for ever: it is about the picture.
function showBrokenRequest() {
  if (hasResent) {
    view.showProblem('The server broke off the connection. Perhaps the picture is too large for it.');
  } else {
    pulse.reportLoss();
    view.showWaiting();
  }
}

function showBanner(text) {
  find('banner').textContent = text;
}

function showLoss() {
  courier.cancel();
  showBanner('The server does not answer. Trying again…');
}

function recover() {
  hasResent = true;
  if (model === null) {
    loadModels();
  }
  resend();
}

async function loadModels() {
  try {
    ({ models } = await requestJson('/api/models'));
    card.offer(models);
    chooseModel(models[0]);
  } catch (error) {
    followUpLoading(error);
  }
}

function followUpLoading(error) {
  if (error instanceof ServerGone) {
    pulse.reportLoss();
  } else if (error instanceof ServerBusy) {
    setTimeout(loadModels, error.seconds * 1000);
  } else {
    card.showProblem(asSentence(error.message));
  }
}

function chooseModel(chosen) {
  model = chosen;
  card.show(model);
  view.setClasses(model.class_names);
  find('modes').hidden = !model.reads_digits;
  if (!model.reads_digits) {
    find('mode-digit').checked = true;
  }
  setMode(chosenMode());
  followReplacement();
}

const chosenMode = () => (find('mode-number').checked ? 'number' : 'digit');

function setMode(wanted) {
  mode = wanted;
  find('main').dataset.mode = mode;
  sketch.setMode(mode);
}

function takePicture(files) {
  const picture = [...files].find((file) => file.type.startsWith('image/')) ?? files[0];
  if (picture) {
    sketch.showPicture(picture);
  }
}

function chooseFile() {
  takePicture(find('picture-input').files);
  // Without this, choosing the same file a second time would be no change, and nothing would happen.
  find('picture-input').value = '';
}

const carriesFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;

function showDrag(event) {
  if (carriesFiles(event)) {
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    find('sheet').dataset.drag = 'true';
  }
}

function hideDrag(event) {
  const leavesWindow = event.relatedTarget === null;
  if (leavesWindow) {
    delete find('sheet').dataset.drag;
  }
}

function takeDrop(event) {
  delete find('sheet').dataset.drag;
  if (carriesFiles(event)) {
    event.preventDefault();
    takePicture(event.dataTransfer.files);
  }
}

function takePaste(event) {
  if (event.clipboardData?.files.length > 0) {
    event.preventDefault();
    takePicture(event.clipboardData.files);
  }
}

function takeKey(event) {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z';
  // An open list of models and the enlarged picture have Esc for themselves.
  const isElsewhere = find('matrix-dialog').open || event.target instanceof HTMLSelectElement;
  if (isElsewhere) {
    return;
  }
  if (isUndo) {
    event.preventDefault();
    sketch.undo();
  } else if (event.key === 'Escape') {
    sketch.clear();
  }
}

find('undo').addEventListener('click', () => sketch.undo());
find('clear').addEventListener('click', () => sketch.clear());
find('theme').addEventListener('click', toggleTheme);
find('choose').addEventListener('click', () => find('picture-input').click());
find('picture-input').addEventListener('change', chooseFile);
find('modes').addEventListener('change', () => setMode(chosenMode()));
systemDark.addEventListener('change', () => applyTheme(rememberedTheme()));
document.addEventListener('keydown', takeKey);
document.addEventListener('paste', takePaste);
document.addEventListener('dragover', showDrag);
document.addEventListener('dragleave', hideDrag);
document.addEventListener('drop', takeDrop);

applyTheme(rememberedTheme());
// A browser that reloads the page may keep the choice of the mode.
setMode(chosenMode());
showSheetState();
loadModels();
