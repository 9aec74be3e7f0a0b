//! A model's place in the server: the loaded model, and its replacement when its files change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use model::{CARD_FILE, ModelFiles, WEIGHTS_FILE};

use crate::inference::model_loader::ModelLoader;
use crate::inference::served_model::ServedModel;

/// A model by its name; requests keep the model that they started with.
#[derive(Debug)]
pub struct ModelSlot {
    name: String,
    files: ModelFiles,
    current: RwLock<Arc<ServedModel>>,
    seen: Mutex<Seen>,
}

/// The states of the model's files.
#[derive(Debug)]
struct Seen {
    /// When the model was last loaded or refused.
    tried: FileStates,
    /// At the last look.
    last: FileStates,
}

/// Modification time and size of the card and of the weights; `None` if there is no such file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStates([Option<(SystemTime, u64)>; 2]);

impl ModelSlot {
    /// Loads the model.
    ///
    /// # Errors
    ///
    /// Those of [`ModelLoader::load`].
    pub fn load(name: String, files: ModelFiles, loader: &ModelLoader) -> anyhow::Result<Self> {
        // Before the files are read, so that a change in between is seen.
        let states = FileStates::of(&files);
        let model = loader.load(&name, &files)?;
        loader.metrics.set_model_version(&name, &model.card.version);
        let seen = Mutex::new(Seen { tried: states, last: states });
        Ok(Self { name, files, current: RwLock::new(model), seen })
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The model that new requests use.
    pub fn current(&self) -> Arc<ServedModel> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads the model again if its files have changed since the last attempt, and not any more
    /// since the last look: while files are being copied, they do not belong together.
    pub fn reload_if_changed(&self, loader: &ModelLoader) {
        let states = FileStates::of(&self.files);
        let is_complete = {
            let mut seen = self.seen();
            let is_unchanged = states == seen.last;
            seen.last = states;
            is_unchanged && states != seen.tried
        };
        if is_complete {
            self.reload(loader);
        }
    }

    /// Loads the model again. The current one answers until the new one has answered a test picture,
    /// and stays if the new one cannot be loaded; the log says so.
    pub fn reload(&self, loader: &ModelLoader) {
        let Some(folder) = self.files.folder() else { return };
        let (model, place) = (&self.name, folder.display());
        // Before loading, so that files that cannot be loaded are refused once.
        self.seen().tried = FileStates::of(&self.files);
        let result = loader.load(&self.name, &self.files);
        loader.metrics.count_reload(&self.name, result.is_ok());
        match result {
            Ok(served) => {
                let version = served.card.version.clone();
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = served;
                loader.metrics.set_model_version(&self.name, &version);
                tracing::info!(model, %place, version, "loaded again");
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(model, %place, error, "cannot load again: the earlier model stays");
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileStates {
    fn of(files: &ModelFiles) -> Self {
        let state = |file| {
            let metadata = std::fs::metadata(files.folder()?.join(file)).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        Self([CARD_FILE, WEIGHTS_FILE].map(state))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    use ink::PixelLimit;
    use model::{Compute, ComputeOptions};

    use super::*;
    use crate::inference::batch::BatchPolicy;
    use crate::metrics::ServerMetrics;

    fn loader() -> ModelLoader {
        ModelLoader {
            compute: Compute::open(&ComputeOptions::default()).unwrap(),
            pixel_limit: PixelLimit::default(),
            batches: BatchPolicy { max_size: 1, max_wait: Duration::ZERO },
            metrics: Arc::new(ServerMetrics::new()),
        }
    }

    /// The released model with other names for its classes.
    fn write_model(folder: &Path, prefix: &str) {
        let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/cnn");
        let card = fs::read(released.join(CARD_FILE)).unwrap();
        let mut card: serde_json::Value = serde_json::from_slice(&card).unwrap();
        for name in card["class_names"].as_array_mut().unwrap() {
            *name = format!("{prefix}{}", name.as_str().unwrap()).into();
        }
        fs::copy(released.join(WEIGHTS_FILE), folder.join(WEIGHTS_FILE)).unwrap();
        fs::write(folder.join(CARD_FILE), card.to_string()).unwrap();
    }

    fn first_class(slot: &ModelSlot) -> String {
        slot.current().class_names[0].clone()
    }

    #[test]
    fn changed_files_are_loaded_once_they_are_complete() {
        let (folder, loader) = (tempfile::tempdir().unwrap(), loader());
        write_model(folder.path(), "");
        let files = ModelFiles::in_folder(folder.path());
        let slot = ModelSlot::load("cnn".to_owned(), files, &loader).unwrap();
        let old = slot.current();
        slot.reload_if_changed(&loader);
        assert!(Arc::ptr_eq(&old, &slot.current()), "nothing has changed");
        write_model(folder.path(), "new-");
        slot.reload_if_changed(&loader);
        assert!(Arc::ptr_eq(&old, &slot.current()), "it may still be being written");
        slot.reload_if_changed(&loader);
        assert_eq!((first_class(&slot).as_str(), old.class_names[0].as_str()), ("new-0", "0"));
        assert!(old.is_alive(), "requests that started with it are still answered");
    }

    #[test]
    fn a_broken_model_is_tried_once_and_the_old_one_stays() {
        let (folder, loader) = (tempfile::tempdir().unwrap(), loader());
        write_model(folder.path(), "");
        let files = ModelFiles::in_folder(folder.path());
        let slot = ModelSlot::load("cnn".to_owned(), files, &loader).unwrap();
        fs::write(folder.path().join(WEIGHTS_FILE), b"torn").unwrap();
        for _ in 0..5 {
            slot.reload_if_changed(&loader);
        }
        assert_eq!(first_class(&slot), "0");
        let text = loader.metrics.text(0).unwrap();
        let failures = r#"glyph_model_reloads_total{model="cnn",result="failed"} 1"#;
        assert!(text.contains(failures), "{text}");
        write_model(folder.path(), "repaired-");
        slot.reload(&loader);
        assert_eq!(first_class(&slot), "repaired-0");
    }
}
