//! Images of one shape with their labels, in memory.

use std::borrow::Cow;
use std::sync::Arc;

use burn_dataset::{Dataset, DatasetError};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::checksum::hexadecimal_digits;
use crate::error::DataError;
use crate::image::{Image, LabelledImage, check_pixels};
use crate::picture_facts::{Thumbnail, sums, thumbnail};
use crate::picture_store::{CACHE_BYTES, PictureStore};
use crate::shape::ImageShape;
use crate::targets::Targets;

/// The largest number of classes: labels are `u16`.
pub(crate) const MOST_CLASSES: usize = 1 << 16;

/// What is equal for equal images of one data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content<'a> {
    Pixels(&'a [u8]),
    Digest([u8; 16]),
}

/// At least one labelled image, all of the same shape. Cloning it copies a pointer, not the pixels.
#[derive(Clone, Debug)]
pub struct ImageSet(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    shape: ImageShape,
    /// The stored images; shared with the sets selected from this one.
    store: Arc<Store>,
    /// [images], the stored image of each.
    rows: Vec<usize>,
    targets: Targets, // [images], each class below class_count
    class_count: usize,
    /// [images], their indices in the set from which they were first selected; empty if this is it.
    places: Vec<usize>,
    /// [images], the file of each; empty if images are not files.
    files: Vec<String>,
    /// [images], images of one group stay on one side of a split; empty if each is a group.
    groups: Vec<usize>,
}

#[derive(Debug)]
enum Store {
    /// `[stored images, channels, height, width]`
    Memory(Vec<u8>),
    Files(PictureStore),
}

impl ImageSet {
    /// A set of images with pixels `[images, channels, height, width]` and one label for each
    /// image.
    ///
    /// # Errors
    ///
    /// [`DataError::NoImages`], [`DataError::EmptyShape`], [`DataError::PixelCount`] if there are
    /// not as many pixels as `labels.len()` images have, [`DataError::ClassCount`] outside 1 to
    /// 65,536, and [`DataError::Label`] for a label outside the classes.
    pub fn new(
        shape: ImageShape,
        pixels: Vec<u8>,
        labels: Vec<u16>,
        class_count: usize,
    ) -> Result<Self, DataError> {
        Self::with_targets(shape, pixels, Targets::Classes(labels), class_count)
    }

    /// Like [`new`](Self::new), for images that may have sets of classes.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn with_targets(
        shape: ImageShape,
        pixels: Vec<u8>,
        targets: Targets,
        class_count: usize,
    ) -> Result<Self, DataError> {
        if targets.is_empty() {
            return Err(DataError::NoImages);
        }
        check_pixels(shape, targets.len(), pixels.len())?;
        Self::of_store(shape, Store::Memory(pixels), targets, class_count)
    }

    /// A set of pictures that stay on disk, with the class or classes of each.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub(crate) fn of_files(
        shape: ImageShape,
        store: PictureStore,
        targets: Targets,
        class_count: usize,
    ) -> Result<Self, DataError> {
        if targets.is_empty() {
            return Err(DataError::NoImages);
        }
        debug_assert_eq!(store.len(), targets.len());
        Self::of_store(shape, Store::Files(store), targets, class_count)
    }

    fn of_store(
        shape: ImageShape,
        store: Store,
        targets: Targets,
        class_count: usize,
    ) -> Result<Self, DataError> {
        if !(1..=MOST_CLASSES).contains(&class_count) {
            return Err(DataError::ClassCount { found: class_count });
        }
        for index in 0..targets.len() {
            let outside = |class: &&u16| usize::from(**class) >= class_count;
            if let Some(&label) = targets.classes(index).iter().find(outside) {
                return Err(DataError::Label { index, label, class_count });
            }
        }
        Ok(Self(Arc::new(Contents {
            shape,
            store: Arc::new(store),
            rows: (0..targets.len()).collect(),
            targets,
            class_count,
            places: Vec::new(),
            files: Vec::new(),
            groups: Vec::new(),
        })))
    }

    /// Names the file of each image: `[images]`.
    pub(crate) fn set_files(&mut self, files: Vec<String>) {
        debug_assert_eq!(files.len(), self.len());
        if let Some(contents) = Arc::get_mut(&mut self.0) {
            contents.files = files;
        }
    }

    /// Puts images into groups that stay on one side of a split: `[images]`.
    pub(crate) fn set_groups(&mut self, groups: Vec<usize>) {
        debug_assert_eq!(groups.len(), self.len());
        if let Some(contents) = Arc::get_mut(&mut self.0) {
            contents.groups = groups;
        }
    }

    /// Number of images; never zero.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.targets.len()
    }

    /// Always `false`: a set has at least one image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.targets.is_empty()
    }

    /// The shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.0.shape
    }

    /// Number of classes, 1 to 65,536; every image's classes are below it.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.0.class_count
    }

    /// The classes of every image.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.0.targets
    }

    /// The classes of an image, in rising order: one, unless the set is
    /// [multi-label](Targets::is_multi_label).
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn classes(&self, index: usize) -> &[u16] {
        self.0.targets.classes(index)
    }

    /// The one class of every image; empty if the set is [multi-label](Targets::is_multi_label), see
    /// [`classes`](Self::classes).
    #[must_use]
    pub fn labels(&self) -> &[u16] {
        match &self.0.targets {
            Targets::Classes(labels) => labels,
            Targets::Sets(_) => &[],
        }
    }

    /// The same images with one class each; `None` if one has several or none.
    #[must_use]
    pub fn with_single_labels(&self) -> Option<Self> {
        let labels = self.0.targets.single()?;
        Some(self.with(Targets::Classes(labels), self.class_count()))
    }

    /// The pixels of one image, `[channels, height, width]`.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`] or [`DataError::PictureChanged`] for a picture that stays on disk.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    pub fn pixels(&self, index: usize) -> Result<Cow<'_, [u8]>, DataError> {
        let row = self.0.rows[index];
        match &*self.0.store {
            Store::Memory(pixels) => Ok(Cow::Borrowed(self.stored(pixels, row))),
            Store::Files(store) => store.pixels(row),
        }
    }

    fn stored<'a>(&self, pixels: &'a [u8], row: usize) -> &'a [u8] {
        let size = self.0.shape.pixels();
        &pixels[row * size..][..size]
    }

    /// Whether all pixels are in memory; otherwise, pictures are decoded when they are needed.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        matches!(*self.0.store, Store::Memory(_))
    }

    /// Bytes of memory that the pixels take, at most: those of all sets that share them.
    #[must_use]
    pub fn memory(&self) -> u64 {
        match &*self.0.store {
            Store::Memory(pixels) => pixels.len() as u64,
            Store::Files(store) => {
                let all = (store.len() as u64).saturating_mul(self.0.shape.pixels() as u64);
                all.min(CACHE_BYTES as u64)
            }
        }
    }

    /// Whether both sets were selected from one.
    pub(crate) fn shares_pixels(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.store, &other.0.store)
    }

    /// Sum and sum of squares of the pixels of each channel of one image.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn channel_sums(&self, index: usize) -> Cow<'_, [(u64, u64)]> {
        let row = self.0.rows[index];
        match &*self.0.store {
            Store::Memory(pixels) => sums(self.stored(pixels, row), self.0.shape).into(),
            Store::Files(store) => Cow::Borrowed(&store.facts(row).sums),
        }
    }

    /// What is equal for equal images.
    pub(crate) fn content(&self, index: usize) -> Content<'_> {
        let row = self.0.rows[index];
        match &*self.0.store {
            Store::Memory(pixels) => Content::Pixels(self.stored(pixels, row)),
            Store::Files(store) => Content::Digest(store.facts(row).digest),
        }
    }

    /// A SHA-256 of all images, their places and labels, in 64 lower-case hexadecimal digits: what is
    /// computed from two sets is comparable if both have the same.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut sum = Sha256::new();
        let ImageShape { channels, height, width } = self.shape();
        for number in [channels, height, width, self.class_count(), self.len()] {
            sum.update((number as u64).to_le_bytes());
        }
        for index in 0..self.len() {
            sum.update((self.place(index) as u64).to_le_bytes());
            sum.update((self.classes(index).len() as u64).to_le_bytes());
            for class in self.classes(index) {
                sum.update(class.to_le_bytes());
            }
            match self.content(index) {
                Content::Pixels(pixels) => sum.update(pixels),
                Content::Digest(digest) => sum.update(digest),
            }
        }
        hexadecimal_digits(&sum.finalize())
    }

    /// A thumbnail of each image.
    pub(crate) fn thumbnails(&self) -> Vec<Thumbnail> {
        let of = |&row: &usize| match &*self.0.store {
            Store::Memory(pixels) => thumbnail(self.stored(pixels, row), self.0.shape),
            Store::Files(store) => store.facts(row).thumbnail,
        };
        self.0.rows.par_iter().map(of).collect()
    }

    /// The index of an image in the set that was read, from which this one was selected, directly
    /// or through other sets; `index` itself in the set that was read.
    #[must_use]
    pub fn place(&self, index: usize) -> usize {
        self.0.places.get(index).copied().unwrap_or(index)
    }

    /// The file of an image, relative to the data set's folder, with `/` between folders. `None` if
    /// images are not files.
    #[must_use]
    pub fn file(&self, index: usize) -> Option<&str> {
        self.0.files.get(index).map(String::as_str)
    }

    /// The group of an image, which stays on one side of a split; `index` itself if images are not
    /// in groups.
    pub(crate) fn group(&self, index: usize) -> usize {
        self.0.groups.get(index).copied().unwrap_or(index)
    }

    /// Whether images are in groups.
    pub(crate) fn has_groups(&self) -> bool {
        !self.0.groups.is_empty()
    }

    /// A copy of one image.
    ///
    /// # Errors
    ///
    /// Those of [`pixels`](Self::pixels).
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    pub fn image(&self, index: usize) -> Result<Image, DataError> {
        Ok(Image { shape: self.shape(), pixels: self.pixels(index)?.into_owned() })
    }

    /// Copies of several images, in their order.
    ///
    /// # Errors
    ///
    /// The first of [`pixels`](Self::pixels).
    ///
    /// # Panics
    ///
    /// If an index is not below [`len`](Self::len).
    pub fn images(&self, indices: &[usize]) -> Result<Vec<Image>, DataError> {
        indices.par_iter().map(|&index| self.image(index)).collect()
    }

    /// A new set of these images, in this order. The pixels are shared, not copied.
    ///
    /// # Errors
    ///
    /// [`DataError::NoImages`] if `indices` is empty.
    ///
    /// # Panics
    ///
    /// If an index is not below [`len`](Self::len).
    pub fn select(&self, indices: &[usize]) -> Result<Self, DataError> {
        let places = indices.iter().map(|&index| self.place(index)).collect();
        self.subset(indices, places)
    }

    /// Like [`select`](Self::select), but as a split of a data set: its images have new places.
    pub(crate) fn divide(&self, indices: &[usize]) -> Result<Self, DataError> {
        self.subset(indices, Vec::new())
    }

    /// The same images with the labels that `places` gives to each of today's.
    pub(crate) fn relabel(&self, places: &[usize], class_count: usize) -> Self {
        let place = |class: u16| places[usize::from(class)].min(usize::from(u16::MAX)) as u16;
        self.with(self.0.targets.renamed(place), class_count)
    }

    /// The same images with other labels of the same classes.
    pub(crate) fn with_labels(&self, targets: Targets) -> Self {
        debug_assert_eq!(targets.len(), self.len());
        self.with(targets, self.class_count())
    }

    /// The same images with other targets.
    fn with(&self, targets: Targets, class_count: usize) -> Self {
        let contents = &self.0;
        Self(Arc::new(Contents {
            shape: contents.shape,
            store: Arc::clone(&contents.store),
            rows: contents.rows.clone(),
            targets,
            class_count,
            places: contents.places.clone(),
            files: contents.files.clone(),
            groups: contents.groups.clone(),
        }))
    }

    fn subset(&self, indices: &[usize], places: Vec<usize>) -> Result<Self, DataError> {
        if indices.is_empty() {
            return Err(DataError::NoImages);
        }
        let contents = &self.0;
        let of = |index: &usize| contents.files.get(*index).cloned();
        Ok(Self(Arc::new(Contents {
            shape: contents.shape,
            store: Arc::clone(&contents.store),
            rows: indices.iter().map(|&index| contents.rows[index]).collect(),
            targets: contents.targets.select(indices),
            class_count: contents.class_count,
            places,
            files: indices.iter().filter_map(of).collect(),
            groups: indices
                .iter()
                .filter_map(|&index| contents.groups.get(index).copied())
                .collect(),
        })))
    }
}

impl Dataset<LabelledImage> for ImageSet {
    fn get(&self, index: usize) -> Result<LabelledImage, DatasetError> {
        let image = self.image(index).map_err(DatasetError::new)?;
        Ok(LabelledImage { image, label: self.0.targets.label(index) })
    }

    fn len(&self) -> usize {
        ImageSet::len(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Label;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 1, width: 2 };

    #[test]
    fn images_keep_their_pixels_and_labels() {
        let set = ImageSet::new(SHAPE, vec![1, 2, 3, 4], vec![1, 0], 2).unwrap();
        assert_eq!(
            (set.len(), set.image(1).unwrap().pixels(), set.labels()),
            (2, &[3, 4][..], &[1, 0][..])
        );
        let item = set.get(0).unwrap();
        assert_eq!((item.image.pixels(), item.label), (&[1, 2][..], Label::Class(1)));
    }

    #[test]
    fn selection_keeps_the_order_asked_for() {
        let set = ImageSet::new(SHAPE, vec![1, 2, 3, 4], vec![1, 0], 2).unwrap();
        let chosen = set.select(&[1, 0]).unwrap();
        assert_eq!(
            (chosen.image(0).unwrap().pixels(), chosen.labels()),
            (&[3, 4][..], &[0, 1][..])
        );
        assert!(matches!(set.select(&[]), Err(DataError::NoImages)));
        assert_eq!((set.place(1), chosen.place(0), chosen.place(1)), (1, 1, 0));
        assert_eq!(chosen.select(&[1]).unwrap().place(0), 0);
        let split = set.divide(&[1]).unwrap();
        assert_eq!((split.place(0), split.image(0).unwrap().pixels()), (0, &[3, 4][..]));
    }

    #[test]
    fn selected_images_keep_their_files_and_groups() {
        let mut set = ImageSet::new(SHAPE, vec![1, 2, 3, 4], vec![1, 0], 2).unwrap();
        assert_eq!((set.file(1), set.group(1), set.has_groups()), (None, 1, false));
        set.set_files(vec!["a.png".to_owned(), "b.png".to_owned()]);
        set.set_groups(vec![7, 7]);
        let chosen = set.select(&[1]).unwrap();
        assert_eq!((chosen.file(0), chosen.group(0)), (Some("b.png"), 7));
    }

    #[test]
    fn sets_of_classes_are_kept_and_become_single_labels_only_if_each_has_one() {
        let sets = Targets::Sets(vec![vec![0, 2], vec![1]]);
        let set = ImageSet::with_targets(SHAPE, vec![1, 2, 3, 4], sets, 3).unwrap();
        assert_eq!((set.classes(0), set.labels()), (&[0, 2][..], &[][..]));
        assert_eq!(set.get(1).unwrap().label, Label::Set(vec![1]));
        assert!(set.with_single_labels().is_none());
        let single = set.select(&[1]).unwrap().with_single_labels().unwrap();
        assert_eq!((single.labels(), &*single.pixels(0).unwrap()), (&[1][..], &[3, 4][..]));
        assert_eq!(set.relabel(&[2, 1, 0], 3).classes(0), [0, 2]);
        let outside = Targets::Sets(vec![vec![], vec![0, 3]]);
        let refused = ImageSet::with_targets(SHAPE, vec![0; 4], outside, 3);
        assert!(matches!(refused, Err(DataError::Label { index: 1, label: 3, .. })));
    }

    #[test]
    fn a_checksum_tells_sets_apart() {
        let build = |pixels: [u8; 4], labels: [u16; 2]| {
            ImageSet::new(SHAPE, pixels.to_vec(), labels.to_vec(), 2).unwrap()
        };
        let set = build([1, 2, 3, 4], [1, 0]);
        assert_eq!(set.sha256(), build([1, 2, 3, 4], [1, 0]).sha256());
        for other in [build([1, 2, 3, 5], [1, 0]), build([1, 2, 3, 4], [1, 1])] {
            assert_ne!(set.sha256(), other.sha256());
        }
        let places = [set.select(&[0]).unwrap(), build([1, 2, 1, 2], [1, 1]).select(&[1]).unwrap()];
        assert_ne!(places[0].sha256(), places[1].sha256());
    }

    #[test]
    fn inconsistent_set_is_refused() {
        let build = |pixels: usize, labels: &[u16], classes| {
            ImageSet::new(SHAPE, vec![0; pixels], labels.to_vec(), classes)
        };
        assert!(matches!(build(0, &[], 2), Err(DataError::NoImages)));
        assert!(matches!(
            build(3, &[0], 2),
            Err(DataError::PixelCount { expected: 2, found: 3, .. })
        ));
        assert!(matches!(build(2, &[0], 0), Err(DataError::ClassCount { found: 0 })));
        assert!(matches!(build(2, &[0], 65_537), Err(DataError::ClassCount { found: 65_537 })));
        assert!(matches!(
            build(4, &[0, 2], 2),
            Err(DataError::Label { index: 1, label: 2, class_count: 2 })
        ));
    }
}
