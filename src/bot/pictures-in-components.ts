import {
  ComponentType,
  type APIComponentInContainer,
  type APIMessageTopLevelComponent,
  type APIThumbnailComponent,
  type APIUnfurledMediaItem,
} from 'discord.js';
import {
  isPicture,
  isPictureFile,
  lastOfPath,
  ofMedia,
  type Caption,
  type MessagePicture,
} from './message-picture.js';

export type ShownComponent = APIMessageTopLevelComponent | APIComponentInContainer | APIThumbnailComponent;

/**
 * The pictures of components in reading order, be they a message's or those of a link's preview.
 *
 * @param components as Discord sends them
 * @param hidden where what holds them is a spoiler
 */
export function picturesInComponents(
  components: readonly ShownComponent[],
  hidden: boolean,
): MessagePicture[] {
  return components.flatMap((component) => ofComponent(component, hidden));
}

function ofComponent(component: ShownComponent, hidden: boolean): MessagePicture[] {
  switch (component.type) {
    case ComponentType.Container:
      return picturesInComponents(component.components, hidden || component.spoiler === true);
    case ComponentType.Section:
      return component.accessory.type === ComponentType.Thumbnail
        ? ofComponent(component.accessory, hidden)
        : [];
    case ComponentType.MediaGallery:
      return component.items.flatMap(({ media, description = null, spoiler }) =>
        ofUnfurled(media, { description, spoiler: hidden || spoiler === true }),
      );
    case ComponentType.Thumbnail: {
      const { media, description = null, spoiler } = component;
      return ofUnfurled(media, { description, spoiler: hidden || spoiler === true });
    }
    case ComponentType.File: {
      const { file, name, size, spoiler } = component;
      return isPictureFile(lastOfPath(file.url), file.content_type)
        ? [ofMedia(file, { name, size, spoiler: hidden || spoiler === true })]
        : [];
    }
    default:
      return [];
  }
}

function ofUnfurled(media: APIUnfurledMediaItem, caption: Caption): MessagePicture[] {
  return isPicture(media) ? [ofMedia(media, caption)] : [];
}
