"""What somebody ill-disposed would ask the server, past the screens."""

from odoo.tests import HttpCase, JsonRpcException

REFUSALS = tuple(
    f"odoo.exceptions.{name}"
    for name in ("AccessError", "UserError", "ValidationError", "MissingError")
)


class RpcCommon(HttpCase):
    def log_in(self, user):
        self.authenticate(user.login, user.login)

    def call(self, model, method, *args, **kwargs):
        """As the browser calls, with the session of who has logged in."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": list(args),
                "kwargs": kwargs,
            },
        )

    def call_as(self, user, model, method, *args, **kwargs):
        """As a program calls, with name and password."""
        who = (self.env.cr.dbname, user.id, user.login)
        return self.make_jsonrpc_request(
            "/jsonrpc",
            {
                "service": "object",
                "method": "execute_kw",
                "args": [*who, model, method, list(args), kwargs],
            },
        )

    def assertRefused(self, model, method, *args, **kwargs):
        self._assert_refused(self.call, model, method, *args, **kwargs)

    def assertRefusedAs(self, user, model, method, *args, **kwargs):
        self._assert_refused(self.call_as, user, model, method, *args, **kwargs)

    def _assert_refused(self, call, *args, **kwargs):
        with self.assertRaises(JsonRpcException, msg=str(args)) as caught:
            call(*args, **kwargs)
        self.assertIn(str(caught.exception), REFUSALS, args)
