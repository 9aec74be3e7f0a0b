//! The page as a person meets it: what is on it, and what can be done with it.

use std::time::{Duration, Instant};

use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
    TouchActions,
};
use fantoccini::{Client, Locator};
use serde_json::Value;
use tokio::time::sleep;

use super::handwriting::{Area, Stroke, curve, strokes};

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// There when the model is known.
const LAST_BAR: &str = "#bars li[data-class='9']";

const POLL: Duration = Duration::from_millis(20);

/// What draws.
#[derive(Clone, Copy)]
pub enum Hand {
    Mouse,
    Finger,
}

pub struct Page {
    client: Client,
}

impl Page {
    /// Opens the page and waits until it knows its model.
    pub async fn open(client: Client, url: &str) -> Self {
        client.goto(url).await.unwrap();
        let page = Self { client };
        page.until_found(LAST_BAR).await;
        page
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
        self.until_found(LAST_BAR).await;
    }

    /// Runs JavaScript.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let result = self.client.execute(script, arguments.to_vec()).await;
        result.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The value of a JavaScript expression.
    pub async fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression}"), &[]).await
    }

    /// Waits until a JavaScript expression is true.
    pub async fn until(&self, expression: &str) {
        let start = Instant::now();
        while self.value(expression).await != true {
            if start.elapsed() > PATIENCE {
                let state = self.state().await;
                panic!("never true: {expression}\n{state}");
            }
            sleep(POLL).await;
        }
    }

    /// Waits until there is something that a CSS selector means.
    pub async fn until_found(&self, selector: &str) {
        self.until(&format!("document.querySelector({selector:?}) !== null")).await;
    }

    /// Waits for an answer that stands long enough to be announced.
    pub async fn until_answer(&self, answer: &str) {
        let stands = format!(
            "document.querySelector('[data-state=answered] #answer')?.textContent === '{answer}' \
             && document.getElementById('announcement').textContent.startsWith('{answer},')"
        );
        self.until(&stands).await;
    }

    /// Waits until there is nothing to read.
    pub async fn until_empty(&self) {
        self.until_found("#main[data-state=empty]").await;
    }

    /// What the page says, for messages.
    async fn state(&self) -> String {
        let texts = "[...document.querySelectorAll('#answer, #verdict, #reason, #banner')] \
             .map((element) => `${element.id}: ${element.textContent}`).join('\\n')";
        self.value(texts).await.as_str().unwrap().to_owned()
    }

    pub async fn text(&self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({selector:?}).textContent")).await;
        text.as_str().unwrap().to_owned()
    }

    pub async fn count(&self, selector: &str) -> u64 {
        let count = self.value(&format!("document.querySelectorAll({selector:?}).length")).await;
        count.as_u64().unwrap()
    }

    pub async fn click(&self, selector: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }

    /// Types keys, wherever the focus is.
    pub async fn press(&self, keys: &[char]) {
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        let actions = down.chain(up).fold(KeyActions::new("keys".to_owned()), KeyActions::then);
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Fills a file input, as its dialog would.
    pub async fn choose_file(&self, selector: &str, path: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().send_keys(path).await.unwrap();
    }

    pub async fn read_numbers(&self) {
        self.click("label:has(#mode-number)").await;
        self.until_found("#main[data-mode=number]").await;
    }

    /// Draws digits side by side in the middle of the sheet.
    pub async fn draw(&self, digits: &str, hand: Hand) {
        let areas = self.sheet().await.divide(digits.len());
        for (digit, area) in digits.chars().zip(areas) {
            for stroke in strokes(digit) {
                self.draw_stroke(stroke, area, hand).await;
            }
        }
    }

    /// Where to draw a single digit.
    pub async fn sheet(&self) -> Area {
        let frame = "document.getElementById('drawing').getBoundingClientRect().toJSON()";
        let frame = self.value(frame).await;
        let side = |name: &str| frame[name].as_f64().unwrap();
        let (left, top) = (side("left"), side("top"));
        Area { left, top, width: side("width"), height: side("height") }
    }

    pub async fn draw_stroke(&self, stroke: &Stroke, area: Area, hand: Hand) {
        let mut actions = moves(stroke, area);
        actions.push(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.point(actions, hand).await;
    }

    /// Draws and keeps the pointer down.
    pub async fn begin_stroke(&self, stroke: &Stroke, area: Area, hand: Hand) {
        self.point(moves(stroke, area), hand).await;
    }

    async fn point(&self, actions: Vec<PointerAction>, hand: Hand) {
        let actions = actions.into_iter();
        let result = match hand {
            Hand::Mouse => {
                let mouse = MouseActions::new("mouse".to_owned());
                self.client.perform_actions(actions.fold(mouse, MouseActions::then)).await
            }
            Hand::Finger => {
                let finger = TouchActions::new("finger".to_owned());
                self.client.perform_actions(actions.fold(finger, TouchActions::then)).await
            }
        };
        result.unwrap();
    }

    /// A picture of what the browser shows, when nothing on it moves any more.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.until("document.getAnimations().every(({ playState }) => playState !== 'running')")
            .await;
        self.client.screenshot().await.unwrap()
    }
}

/// To the start, down, and along the stroke.
fn moves(stroke: &Stroke, area: Area) -> Vec<PointerAction> {
    let go = |point| {
        let (x, y) = area.place(point);
        PointerAction::MoveTo { duration: Some(Duration::ZERO), x, y }
    };
    let mut actions: Vec<_> = curve(stroke).into_iter().map(go).collect();
    actions.insert(1, PointerAction::Down { button: MOUSE_BUTTON_LEFT });
    actions
}
