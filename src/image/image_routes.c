/* SPDX-License-Identifier: Apache-2.0 */
/* Glance v2: the table of routes, the settings, and the domain. */
#include "image/image_internal.h"

#define REF "https://docs.openstack.org/api-ref/image/v2/#"

static const struct ak_route routes[] = {
    {"GET", "/", image_versions_choice_handler, "image:version:list", .flags = AK_ROUTE_PUBLIC,
     .spec = "https://docs.openstack.org/api-ref/image/versions/", .summary = "List API versions"},
    {"GET", "/versions", image_versions_handler, "image:version:list", .flags = AK_ROUTE_PUBLIC,
     .spec = "https://docs.openstack.org/api-ref/image/versions/", .summary = "List API versions"},

    {"GET", "/v2/images", image_list_handler, "image:image:list", .spec = REF "list-images",
     .summary = "List images"},
    {"POST", "/v2/images", image_create_handler, "image:image:create", "image.image.create",
     .body = &image_body_fields, .accept = AK_CREATE, .reply = &image_fields,
     .body_max = (int64_t)1 << 20, .spec = REF "create-image", .summary = "Create an image"},
    {"GET", "/v2/images/{image_id}", image_show_handler, "image:image:show", .reply = &image_fields,
     .spec = REF "show-image", .summary = "Show an image"},
    {"PATCH", "/v2/images/{image_id}", image_update_handler, "image:image:update",
     "image.image.update", .reply = &image_fields, .flags = AK_ROUTE_ANY_TYPE,
     .body_max = (int64_t)1 << 20, .spec = REF "update-image", .summary = "Update an image"},
    {"DELETE", "/v2/images/{image_id}", image_delete_handler, "image:image:delete",
     "image.image.delete", .spec = REF "delete-image", .summary = "Delete an image"},

    {"PUT", "/v2/images/{image_id}/file", image_upload_handler, "image:image:upload",
     "image.image.upload", .flags = AK_ROUTE_STREAM_IN, .spec = REF "upload-binary-image-data",
     .summary = "Upload the file of an image"},
    {"GET", "/v2/images/{image_id}/file", image_download_handler, "image:image:download",
     .spec = REF "download-binary-image-data", .summary = "Download the file of an image"},
    {"POST", "/v2/images/{image_id}/actions/deactivate", image_deactivate_handler,
     "image:image:deactivate", "image.image.deactivate",
     .flags = AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE, .spec = REF "deactivate-image",
     .summary = "Deactivate an image"},
    {"POST", "/v2/images/{image_id}/actions/reactivate", image_reactivate_handler,
     "image:image:reactivate", "image.image.reactivate",
     .flags = AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE, .spec = REF "reactivate-image",
     .summary = "Reactivate an image"},

    {"PUT", "/v2/images/{image_id}/tags/{tag}", image_tag_add_handler, "image:image:update",
     "image.tag.create", .flags = AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE,
     .spec = REF "add-image-tag", .summary = "Add a tag to an image"},
    {"DELETE", "/v2/images/{image_id}/tags/{tag}", image_tag_remove_handler, "image:image:update",
     "image.tag.delete", .spec = REF "delete-image-tag", .summary = "Delete a tag from an image"},

    {"GET", "/v2/images/{image_id}/members", image_member_list_handler, "image:member:list",
     .spec = REF "list-image-members", .summary = "List members of a shared image"},
    {"POST", "/v2/images/{image_id}/members", image_member_add_handler, "image:member:create",
     "image.member.create", .reply = &image_member_fields, .spec = REF "create-image-member",
     .summary = "Share an image with a project"},
    {"GET", "/v2/images/{image_id}/members/{member_id}", image_member_show_handler,
     "image:member:show", .reply = &image_member_fields, .spec = REF "show-image-member-details",
     .summary = "Show a member of a shared image"},
    {"PUT", "/v2/images/{image_id}/members/{member_id}", image_member_update_handler,
     "image:member:update", "image.member.update", .reply = &image_member_fields,
     .spec = REF "update-image-member", .summary = "Accept or reject a shared image"},
    {"DELETE", "/v2/images/{image_id}/members/{member_id}", image_member_remove_handler,
     "image:member:delete", "image.member.delete", .spec = REF "delete-image-member",
     .summary = "Stop sharing an image with a project"},

    {"GET", "/v2/schemas/{name}", image_schema_handler, "image:schema:show",
     .spec = REF "image-schemas", .summary = "Show a schema: image, images, member, members"},
    {"GET", "/v2/info/import", image_import_info_handler, "image:schema:show",
     .spec = REF "import-methods-and-values-discovery", .summary = "List import methods: none"},
    {"GET", "/v2/info/stores", image_stores_handler, "image:schema:show", .spec = REF "list-stores",
     .summary = "List stores: 404, there is one"},
};

static const struct ak_setting settings[] = {
    {"image_dir", AK_SETTING_STR, "path", 1, 200, "/var/lib/akashi/images", NULL,
     "Folder of uploaded images."},
    {"image_size_max", AK_SETTING_INT, "GiB", 1, 65536, "64", NULL,
     "The largest image file that is accepted."},
    {"image_virtual_size_max", AK_SETTING_INT, "GiB", 1, 65536, "512", NULL,
     "The largest disk that an image may describe."},
    {"image_quota", AK_SETTING_INT, "GiB", 1, 1048576, "256", NULL,
     "What the image files of one project may take together."},
};

const struct ak_domain image_domain = {
    .name = "image",
    .root = "/image",
    .dialect = AK_DIALECT_GLANCE,
    .service_type = "image",
    .service_name = "glance",
    .endpoint_path = "/image",
    .routes = routes,
    .n_routes = AK_N(routes),
    .jobs = image_jobs,
    .schedules = image_schedules,
    .settings = settings,
    .n_settings = AK_N(settings),
};
