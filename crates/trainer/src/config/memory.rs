//! What a config needs of the machine's memory.

use data::Policy;
use model::{Plan, TrainingMemory, size_text};

use super::{Config, ConfigError, ConfigFile};

/// Most memory that a training may need, in bytes, whatever the machine: no GPU has more, and a
/// typing error in a config usually asks for more.
const MOST_MEMORY: u64 = 256_000_000_000;

impl Config {
    /// About what training `plan` needs, besides the images of the data set.
    #[must_use]
    pub fn training_memory(&self, plan: &Plan) -> TrainingMemory {
        plan.training_memory(self.images_at_once(), self.optimizer.states())
    }

    /// Images that go through the network at once: those of a batch, their further views, and the
    /// images without a class.
    fn images_at_once(&self) -> usize {
        let policy = self.augment.as_ref().and_then(|augment| augment.policy);
        let views = policy.map_or(0, Policy::views);
        let lines = self.line_negatives.map_or(0.0, |negatives| negatives.invalid);
        let negatives = lines + self.outliers.map_or(0.0, |outliers| outliers.share());
        let negatives = (self.train.batch_size as f64 * f64::from(negatives)).ceil() as usize;
        self.train.batch_size.saturating_mul(1 + views).saturating_add(negatives)
    }

    /// Refuses a training that needs more than any machine has, or than `available` bytes.
    ///
    /// # Errors
    /// The larger part, with its key, its line in `file`, and the figures.
    pub fn check_memory(
        &self,
        file: &ConfigFile,
        plan: &Plan,
        available: Option<u64>,
    ) -> Result<(), ConfigError> {
        let memory = self.training_memory(plan);
        let (limit, whose) = match available {
            Some(available) if available < MOST_MEMORY => (available, "this process can have"),
            _ => (MOST_MEMORY, "the limit is"),
        };
        if memory.total() <= limit {
            return Ok(());
        }
        let [total, limit] = [memory.total(), limit].map(size_text);
        let largest = plan.largest_layer().filter(|_| memory.activations >= memory.parameters);
        let Some((index, layer)) = largest else {
            let problem = format!(
                "model: its {} parameters need about {} with gradients and the optimizer, {total} in \
                 all, but {whose} {limit}: make the layers smaller",
                plan.parameters(),
                size_text(memory.parameters)
            );
            return Err(file.locate_key("model", problem));
        };
        let problem = format!(
            "train.batch_size: a batch of {} images needs about {total}, but {whose} {limit}: lower \
             it, or make the maps smaller; layer {} ({}), from {} to {}, needs most",
            self.train.batch_size,
            index + 1,
            layer.kind,
            layer.input,
            layer.output
        );
        Err(file.locate_key("train.batch_size", problem))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use data::ImageShape;

    use super::*;

    const DIGIT: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

    fn parsed(settings: &str, layers: &str) -> (ConfigFile, Config) {
        let text = format!(
            "[dataset]\nsource = \"mnist\"\n[train]\n{settings}\n[model]\nlayers = [{layers}]\n"
        );
        ConfigFile::new(Path::new("config.toml"), text, &[]).unwrap()
    }

    fn refusal(settings: &str, layers: &str) -> String {
        let (file, config) = parsed(settings, layers);
        config.plan(&file, DIGIT, 10).unwrap_err().to_string()
    }

    const LINEAR: &str = r#"{ type = "flatten" }, { type = "linear", features = 10 }"#;

    #[test]
    fn a_batch_that_no_machine_holds_is_refused_with_its_layer() {
        let conv = r#"{ type = "conv", channels = 64, kernel = 3, padding = 300 }"#;
        let end = r#"{ type = "global_avg_pool" }, { type = "linear", features = 10 }"#;
        let message = refusal("batch_size = 10000", &format!("{conv}, {end}"));
        assert!(
            message.starts_with("config.toml:4: train.batch_size: a batch of 10000"),
            "{message}"
        );
        assert!(message.contains("but the limit is 256.0 GB"), "{message}");
        assert!(message.contains("layer 1 (conv), from 1×28×28 to 64×626×626"), "{message}");
    }

    #[test]
    fn padding_of_a_typing_error_is_refused_with_its_layer() {
        let conv = r#"{ type = "conv", channels = 4, kernel = 3, padding = 16000 }"#;
        let message = refusal("batch_size = 1", &format!("{conv}, {LINEAR}"));
        assert!(message.starts_with("config.toml:6: layer 1 (conv): 1×28×28"), "{message}");
        assert!(message.contains("GB for one image, more than the limit of 2.1 GB"), "{message}");
    }

    #[test]
    fn a_training_that_the_machine_does_not_hold_is_refused_by_its_larger_part() {
        let (file, config) = parsed("batch_size = 100", LINEAR);
        let plan = config.plan(&file, DIGIT, 10).unwrap();
        let memory = config.training_memory(&plan);
        // Weights, gradients, and AdamW's two means.
        assert_eq!(memory.parameters, 4 * 4 * (784 * 10 + 10));
        assert!(config.check_memory(&file, &plan, Some(memory.total())).is_ok());
        let refused = |config: &Config| {
            let refused = config.check_memory(&file, &plan, Some(100_000));
            refused.unwrap_err().to_string()
        };
        let message = refused(&config);
        assert!(message.contains("train.batch_size: a batch of 100"), "{message}");
        assert!(message.contains("but this process can have 100 kB"), "{message}");
        let mut larger = config.clone();
        larger.augment = Some(toml::from_str("policy = 'augmix'").unwrap());
        larger.outliers = Some(toml::from_str("textures = 0.5").unwrap());
        let activations = [&larger, &config].map(|it| it.training_memory(&plan).activations);
        assert_eq!(activations[0], activations[1] / 100 * 350, "three views, and half an outlier");
        let mut small = config.clone();
        small.train.batch_size = 1;
        let message = refused(&small);
        assert!(message.contains("model: its 7850 parameters need about 126 kB"), "{message}");
    }
}
