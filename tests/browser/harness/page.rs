//! The page: what it shows, and the actions of its user.

use std::time::{Duration, Instant};

use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
    TouchActions,
};
use fantoccini::{Client, Locator};
use serde_json::Value;
use tokio::time::sleep;

use super::handwriting::{Area, Stroke, curve, strokes};

/// Timeout of every wait, longer than anything here takes.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Present once the model is loaded.
const LAST_BAR: &str = "#bars li[data-class='9']";

const POLL: Duration = Duration::from_millis(20);

/// The device that draws.
#[derive(Clone, Copy)]
pub enum Pointer {
    Mouse,
    Finger,
}

pub struct Page {
    client: Client,
}

impl Page {
    /// Opens the page and waits until the model is loaded.
    pub async fn open(client: Client, url: &str) -> Self {
        client.goto(url).await.unwrap();
        let page = Self { client };
        page.wait_for(LAST_BAR).await;
        page
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
        self.wait_for(LAST_BAR).await;
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
    pub async fn wait_until(&self, expression: &str) {
        let start = Instant::now();
        while self.value(expression).await != true {
            if start.elapsed() > TIMEOUT {
                let state = self.state().await;
                panic!("never true: {expression}\n{state}");
            }
            sleep(POLL).await;
        }
    }

    /// Waits until an element matches a CSS selector.
    pub async fn wait_for(&self, selector: &str) {
        self.wait_until(&format!("document.querySelector({selector:?}) !== null")).await;
    }

    /// Waits until an answer is announced.
    pub async fn wait_for_answer(&self, answer: &str) {
        let stands = format!(
            "document.querySelector('[data-state=answered] #answer')?.textContent === '{answer}' \
             && document.getElementById('announcement').textContent.startsWith('{answer},')"
        );
        self.wait_until(&stands).await;
    }

    /// Waits until the sheet is empty.
    pub async fn wait_until_empty(&self) {
        self.wait_for("#main[data-state=empty]").await;
    }

    /// The page's texts, for failure messages.
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

    /// Presses keys together.
    pub async fn press(&self, keys: &[char]) {
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        let actions = down.chain(up).fold(KeyActions::new("keys".to_owned()), KeyActions::then);
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Sets the file of a file input.
    pub async fn choose_file(&self, selector: &str, path: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().send_keys(path).await.unwrap();
    }

    /// Types into a field and presses Enter.
    pub async fn enter(&self, selector: &str, text: &str) {
        let field = self.client.find(Locator::Css(selector)).await.unwrap();
        field.send_keys(&format!("{text}\n")).await.unwrap();
    }

    pub async fn read_numbers(&self) {
        self.click("label:has(#mode-number)").await;
        self.wait_for("#main[data-mode=number]").await;
    }

    /// Draws digits side by side in the middle of the sheet.
    pub async fn draw(&self, digits: &str, pointer: Pointer) {
        let areas = self.sheet().await.divide(digits.len());
        for (digit, area) in digits.chars().zip(areas) {
            for stroke in strokes(digit) {
                self.draw_stroke(stroke, area, pointer).await;
            }
        }
    }

    /// The drawing area.
    pub async fn sheet(&self) -> Area {
        let frame = "document.getElementById('drawing').getBoundingClientRect().toJSON()";
        let frame = self.value(frame).await;
        let side = |name: &str| frame[name].as_f64().unwrap();
        let (left, top) = (side("left"), side("top"));
        Area { left, top, width: side("width"), height: side("height") }
    }

    pub async fn draw_stroke(&self, stroke: &Stroke, area: Area, pointer: Pointer) {
        let mut actions = moves(stroke, area);
        actions.push(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.point(actions, pointer).await;
    }

    /// Draws a stroke and keeps the pointer down.
    pub async fn begin_stroke(&self, stroke: &Stroke, area: Area, pointer: Pointer) {
        self.point(moves(stroke, area), pointer).await;
    }

    async fn point(&self, actions: Vec<PointerAction>, pointer: Pointer) {
        let actions = actions.into_iter();
        let result = match pointer {
            Pointer::Mouse => {
                let mouse = MouseActions::new("mouse".to_owned());
                self.client.perform_actions(actions.fold(mouse, MouseActions::then)).await
            }
            Pointer::Finger => {
                let finger = TouchActions::new("finger".to_owned());
                self.client.perform_actions(actions.fold(finger, TouchActions::then)).await
            }
        };
        result.unwrap();
    }

    /// A screenshot, taken when all animations have ended.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.wait_until(
            "document.getAnimations().every(({ playState }) => playState !== 'running')",
        )
        .await;
        self.client.screenshot().await.unwrap()
    }
}

/// Moves to the start, presses, and follows the stroke.
fn moves(stroke: &Stroke, area: Area) -> Vec<PointerAction> {
    let go = |point| {
        let (x, y) = area.place(point);
        PointerAction::MoveTo { duration: Some(Duration::ZERO), x, y }
    };
    let mut actions: Vec<_> = curve(stroke).into_iter().map(go).collect();
    actions.insert(1, PointerAction::Down { button: MOUSE_BUTTON_LEFT });
    actions
}
