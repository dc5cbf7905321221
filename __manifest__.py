{
    "name": "Customer Value",
    "version": "19.0.1.0.0",
    "summary": "What every customer relationship is worth, why, and what to do next",
    "category": "Sales/CRM",
    "author": "Customer Value Contributors",
    "website": "https://github.com/customer-value/customer_value",
    "license": "LGPL-3",
    "application": True,
    "depends": [
        "sale_crm",
        "sale_management",
        "point_of_sale",
        "link_tracker",
        "web_hierarchy",
    ],
    "data": [
        "security/customer_value_groups.xml",
        "security/ir.model.access.csv",
        "security/customer_value_rules.xml",
        "data/ir_cron.xml",
        "data/customer_value_dimension.xml",
        "data/customer_value_source.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "customer_value/static/src/fields/**/*",
            "customer_value/static/src/views/**/*",
            ("remove", "customer_value/static/src/**/*.dark.scss"),
        ],
        "web.assets_web_dark": [
            "customer_value/static/src/**/*.dark.scss",
        ],
        "point_of_sale._assets_pos": [
            "customer_value/static/src/pos/**/*",
        ],
        "web.assets_tests": [
            "customer_value/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "customer_value/static/tests/unit/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
