// SPDX-License-Identifier: Apache-2.0
import type { Image } from "../../api/image";
import { formatBytes, formatMib, formatNumber, t } from "../../i18n";
import { ImageIcon } from "../../ui/icons";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { useImages } from "../servers/queries";

function visibilityText(image: Image): string {
  switch (image.visibility) {
    case "public":
      return t("Everyone");
    case "private":
      return t("This project");
    case "shared":
      return t("Chosen projects");
    case "community":
      return t("Community");
    default:
      return image.visibility;
  }
}

export function ImageListPage() {
  const query = useImages();
  const columns: Column<Image>[] = [
    { key: "name", label: t("Name"), isRowHeader: true, modifier: "breakWord", render: (image) => image.name ?? image.id },
    { key: "visibility", label: t("Visible to"), render: visibilityText },
    { key: "format", label: t("Format"), render: (image) => image.disk_format },
    { key: "size", label: t("File size"), render: (image) => (image.size === null ? null : formatBytes(image.size)) },
    {
      key: "needs",
      label: t("Needs at least"),
      render: (image) =>
        image.min_ram === 0 && image.min_disk === 0
          ? t("Nothing special")
          : t("{ram} memory, {disk} GiB disk", { ram: formatMib(image.min_ram), disk: formatNumber(image.min_disk) }),
    },
  ];
  return (
    <>
      <PageHead title={t("Images")} />
      <ResourceList
        label={t("Images")}
        columns={columns}
        rows={query.data}
        rowKey={(image) => image.id}
        error={query.error}
        errorTitle={t("The images could not be read.")}
        retry={() => void query.refetch()}
        empty={<EmptyPanel title={t("No images yet")} headingLevel="h2" icon={ImageIcon} />}
      />
    </>
  );
}
